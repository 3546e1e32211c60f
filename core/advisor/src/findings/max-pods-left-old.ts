import { maxPodsOf, type MaxPods } from "@slash28/limits";
import { groupBy, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";
import type { Fix } from "../finding.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";
import { clusterName } from "./cluster-name.ts";
import { replaceGroups } from "./fleet-fixes.ts";
import { managedGroupOf, replaceNodeCommands } from "./replace-node-commands.ts";

/** Where the version is not known, one that can do all that is asked about. */
const RECENT = { major: 1, minor: 21, patch: 0 };

export const maxPodsLeftOld: Check = {
  id: "max-pods-left-old",
  title: "Prefixes are on, and kubelet's max pods is still that of single addresses",
  severity: "warning",
  explain:
    "Prefix delegation multiplies the addresses of a node, but kubelet takes only as many pods as its max pods says, which was computed when the node was made. A node that says exactly what single addresses allow (m5.large 29, m5.xlarge 58) was not told. Another number below what prefixes allow was somebody's choice and is left alone.",
  needs: ["nodes", "daemonSets"],
  uses: ["instances", "addons", "instanceTypes", "nodeGroups"],
  find: (view) => {
    if (!view.settings.pool.prefixDelegation || view.isIpv6) return [];
    const old = view.nodes.flatMap((node) => {
      const wanted = leftBehind(view, node);
      return wanted === undefined ? [] : [{ node, wanted }];
    });
    return [...groupBy(old, ({ node }) => node.node.nodeGroup ?? "")].map(([group, members]) => foundIn(view, group, members));
  },
  effect: (view, { objects }) => ({
    kind: "simulate",
    changes: replaceGroups(
      view,
      view.nodes.filter(({ name }) => objects.some((object) => object.name === name)),
      { maxPods: (node) => leftBehind(view, node) },
    ),
  }),
};

interface Behind {
  readonly node: ViewNode;
  readonly wanted: number;
}

/** What the node's max pods should be, if it is that of single addresses; `undefined`: it is not. */
function leftBehind(view: ClusterView, { limits, node }: ViewNode): number | undefined {
  if (limits === undefined || node.maxPods === undefined || node.isFargate) return undefined;
  const { customNetworking } = view.settings.pool;
  const { major, minor, patch } = view.cniVersion ?? RECENT;
  const asked = { instance: limits, cniVersion: `${major}.${minor}.${patch}`, securityGroupsForPods: view.isOn("ENABLE_POD_ENI") };
  const now = valueOf(maxPodsOf({ ...asked, prefixDelegation: true, customNetworking }));
  if (now === undefined || node.maxPods >= now.maxPods) return undefined;
  const before = [customNetworking, false].flatMap((custom) => {
    const value = valueOf(maxPodsOf({ ...asked, customNetworking: custom, securityGroupsForPods: false }));
    return value === undefined ? [] : [value.maxPods, value.uncapped];
  });
  return before.includes(node.maxPods) ? now.maxPods : undefined;
}

function valueOf(result: ReturnType<typeof maxPodsOf>): MaxPods | undefined {
  return result.ok ? result.value : undefined;
}

function foundIn(view: ClusterView, group: string, members: readonly Behind[]): Found {
  const kinds = [...new Set(members.map(({ node, wanted }) => `${node.type} ${node.node.maxPods} instead of ${wanted}`))];
  const lost = members.reduce((sum, { node, wanted }) => sum + wanted - (node.node.maxPods ?? 0), 0);
  return {
    objects: members.map(({ node: { name } }) => objectOf("Node", { name })),
    evidence: [
      fact("ENABLE_PREFIX_DELEGATION is true", "true"),
      fact(`${counted(members.length, "node")}${group === "" ? "" : ` of ${group}`}: max pods ${named(kinds)}`, members.length),
      fact(`together they could take ${lost} pods more`, lost),
    ],
    cause:
      "kubelet keeps the max pods it was started with, and these nodes were started for single addresses. The scheduler puts no further pod on them, however many addresses they have.",
    fix: fixOf(view, group, members),
  };
}

function fixOf(view: ClusterView, group: string, members: readonly Behind[]): Fix {
  const least = Math.min(...members.map(({ wanted }) => wanted));
  const nodes = members.map(({ node }) => node);
  const template = view.snapshot.nodeGroups?.find(({ name }) => name === group)?.launchTemplate;
  const isManaged = nodes.every((node) => managedGroupOf(view, node) !== undefined);
  return {
    commands:
      template === undefined
        ? replaceNodeCommands(view, nodes)
        : [...newTemplateVersion(template, least), ...withTemplate(view, group, template.id)],
    risk: `Every node of the group is replaced, and its pods move within their PodDisruptionBudgets. ${
      isManaged
        ? "A managed group with EKS's own image computes the number anew; where EKS says that there is nothing to update, make a new group and delete the old one."
        : `Start the new nodes with max pods ${least}, or they are as the old ones.`
    }`,
    needsNodeReplacement: true,
  };
}

/** User data decides max pods where a group has a launch template, and only its owner knows what else is in it. */
function newTemplateVersion({ id, version }: { readonly id: string; readonly version: string }, maxPods: number): readonly string[] {
  const about = `--launch-template-id ${id}`;
  return [
    `aws ec2 describe-launch-template-versions ${about} --versions '${version}' --query 'LaunchTemplateVersions[0].LaunchTemplateData.UserData' --output text | base64 -d > user-data.txt`,
    `# edit user-data.txt: on Amazon Linux 2023 spec.kubelet.config.maxPods: ${maxPods}, on Amazon Linux 2 --use-max-pods false --kubelet-extra-args '--max-pods=${maxPods}'`,
    `VERSION=$(aws ec2 create-launch-template-version ${about} --source-version '${version}' --launch-template-data "{\\"UserData\\":\\"$(base64 -w0 user-data.txt)\\"}" --query LaunchTemplateVersion.VersionNumber --output text)`,
  ];
}

function withTemplate(view: ClusterView, group: string, templateId: string): readonly string[] {
  const about = `--cluster-name ${clusterName(view)} --nodegroup-name ${group}`;
  return [
    `aws eks update-nodegroup-version ${about} --launch-template id=${templateId},version="$VERSION"`,
    `aws eks wait nodegroup-active ${about}`,
  ];
}
