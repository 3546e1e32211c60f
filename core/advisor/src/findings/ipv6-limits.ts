import { isAtLeast } from "@slash28/limits";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";
import { setEnv } from "./commands.ts";
import { unknownEffect } from "../effect/planned-effect.ts";
import { upgradeAddon } from "./cni-upgrade.ts";

/** The VPC CNI serves IPv6 from here on. */
const FIRST_WITH_IPV6 = { major: 1, minor: 10, patch: 1 };

export const ipv6Limits: Check = {
  id: "ipv6-limits",
  title: "An IPv6 cluster has nodes, subnets or settings that cannot serve it",
  severity: "critical",
  explain:
    "Pods of an IPv6 cluster get addresses of a /80 prefix that each node's ENI holds. That needs Nitro or bare metal, subnets with an IPv6 range, VPC CNI 1.10.1 or later, prefix delegation, and no custom networking. A cluster's family is for good: what does not fit has to change.",
  needs: ["nodes", "daemonSets"],
  uses: ["cluster", "subnets", "instances", "enis", "addons"],
  find: (view) => (view.isIpv6 ? [...ofNodes(view), ...ofSubnets(view), ...ofSettings(view)] : []),
  effect: () => unknownEffect("IPv6 prefixes of an observed cluster are not simulated"),
};

function ofNodes(view: ClusterView): readonly Found[] {
  const unfit = view.nodes.filter(
    ({ limits, node }) => limits !== undefined && !node.isFargate && limits.hypervisor !== "nitro" && !limits.bareMetal,
  );
  if (unfit.length === 0) return [];
  const types = [...new Set(unfit.map(({ type }) => type ?? ""))];
  return [
    {
      objects: unfit.map(({ name }) => objectOf("Node", { name })),
      evidence: [fact(`${counted(unfit.length, "node")} of ${named(types)} cannot hold prefixes`, unfit.length)],
      cause:
        "An IPv6 pod's address is of a prefix, and only Nitro and bare metal instances hold prefixes. Pods on these nodes get no address.",
      fix: {
        commands: unfit.map(({ name }) => `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data`),
        risk: "Put nodes of a Nitro type (m5, c5, r5, t3 and newer) in their place first.",
        needsNodeReplacement: true,
      },
    },
  ];
}

function ofSubnets(view: ClusterView): readonly Found[] {
  const without = [...new Set(view.nodes.flatMap(({ subnet }) => (subnet === undefined || subnet.hasIpv6 ? [] : [subnet])))];
  if (without.length === 0) return [];
  return [
    {
      objects: without.map(({ id }) => ({ kind: "Subnet", name: id })),
      evidence: without.map(({ id }) => fact(`${id} has nodes and no IPv6 range`)),
      cause:
        "EC2 delegates an IPv6 prefix from a subnet's own IPv6 range. Nodes in a subnet without one get none, and their pods no address.",
      fix: {
        commands: without.map(({ id }) => `aws ec2 associate-subnet-cidr-block --subnet-id ${id} --ipv6-cidr-block <a-/64-of-the-vpc>`),
        risk: "None for what runs; nodes that started without a prefix must be replaced.",
        needsNodeReplacement: true,
      },
    },
  ];
}

function ofSettings(view: ClusterView): readonly Found[] {
  const problems: { readonly text: string; readonly command: string }[] = [];
  if (view.settings.pool.customNetworking)
    problems.push({
      text: "custom networking is on, which an IPv6 cluster cannot have",
      command: setEnv({ AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "false" }),
    });
  if (view.hasSettings && !view.settings.pool.prefixDelegation)
    problems.push({ text: "ENABLE_PREFIX_DELEGATION is not true", command: setEnv({ ENABLE_PREFIX_DELEGATION: "true" }) });
  const version = view.cniVersion;
  if (version !== undefined && !isAtLeast(version, FIRST_WITH_IPV6))
    problems.push({
      text: `the VPC CNI is ${version.major}.${version.minor}.${version.patch}, and IPv6 came with 1.10.1`,
      command: upgradeAddon(view, { ...version, minor: version.minor + 1 }).join(" && "),
    });
  if (problems.length === 0) return [];
  return [
    {
      objects: [objectOf("DaemonSet", { namespace: "kube-system", name: "aws-node" })],
      evidence: problems.map(({ text }) => fact(text)),
      cause:
        "aws-node refuses to start in an IPv6 cluster with these settings, or serves no IPv6 at all. Nodes stay NotReady, or pods get no address.",
      fix: {
        commands: problems.map(({ command }) => command),
        risk: "aws-node restarts on every node; running pods keep their addresses.",
        needsNodeReplacement: false,
      },
    },
  ];
}
