import { maxPodsOf, type MaxPods } from "@slash28/limits";
import { groupBy, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";

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
  const least = Math.min(...members.map(({ wanted }) => wanted));
  const lost = members.reduce((sum, { node, wanted }) => sum + wanted - (node.node.maxPods ?? 0), 0);
  const cluster = view.snapshot.cluster?.name ?? "<cluster>";
  return {
    objects: members.map(({ node: { name } }) => objectOf("Node", { name })),
    evidence: [
      fact("ENABLE_PREFIX_DELEGATION is true", "true"),
      fact(`${counted(members.length, "node")}${group === "" ? "" : ` of ${group}`}: max pods ${named(kinds)}`, members.length),
      fact(`together they could take ${lost} pods more`, lost),
    ],
    cause:
      "kubelet keeps the max pods it was started with, and these nodes were started for single addresses. The scheduler puts no further pod on them, however many addresses they have.",
    fix: {
      commands: [
        `# user data of the launch template, Amazon Linux 2: --use-max-pods false --kubelet-extra-args '--max-pods=${least}'; Amazon Linux 2023: spec.kubelet.config.maxPods: ${least}`,
        `aws eks update-nodegroup-version --cluster-name ${cluster} --nodegroup-name ${group === "" ? "<group>" : group} --launch-template name=<template>,version=<new-version>`,
      ],
      risk: "Every node of the group is replaced: pods move, within their PodDisruptionBudgets. A managed group without a custom image gets the new number by itself when its nodes are replaced.",
      needsNodeReplacement: true,
    },
  };
}
