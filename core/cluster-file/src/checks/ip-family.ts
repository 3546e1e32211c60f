import { parseSettings } from "@slash28/ipam";
import { limitsOf } from "@slash28/limits";
import type { ClusterFileProblem } from "../problem.ts";
import type { ClusterFile } from "../schema.ts";

/** What an IPv6 cluster needs, and what it cannot have (VPC CNI: IPv6 mode). */
export function ipFamilyProblems(file: ClusterFile): ClusterFileProblem[] {
  if (file.ipFamily === "ipv4") return [];
  const network: ClusterFileProblem[] = file.vpc.ipv6
    ? []
    : [{ path: ["vpc", "ipv6"], message: "must be true where ipFamily is ipv6: pods have addresses of the subnets' IPv6 ranges" }];
  const eniConfigs: ClusterFileProblem[] =
    file.eniConfigs === undefined
      ? []
      : [{ path: ["eniConfigs"], message: "an IPv6 cluster has no custom networking: leave them away, or have ipFamily: ipv4" }];
  return [...network, ...eniConfigs, ...groupProblems(file), ...envProblems(file)];
}

/** A /80 needs an ENI that holds prefixes. */
function groupProblems({ nodeGroups }: ClusterFile): ClusterFileProblem[] {
  return nodeGroups.flatMap(({ instanceType }, index) => {
    const limits = limitsOf(instanceType);
    if (limits === undefined || limits.hypervisor === "nitro" || limits.bareMetal) return [];
    const message = `${instanceType} cannot run IPv6 pods: it is not built on the Nitro System, and its ENIs hold no prefixes`;
    return [{ path: ["nodeGroups", index, "instanceType"], message }];
  });
}

/** EKS sets IPv6 and prefixes for such a cluster; the agent refuses to start with what contradicts them. */
function envProblems({ vpcCni, changes }: ClusterFile): ClusterFileProblem[] {
  const given = [
    { env: vpcCni.env, path: ["vpcCni", "env"] },
    ...changes.flatMap(({ setEnv }, index) => (setEnv === undefined ? [] : [{ env: setEnv, path: ["changes", index, "setEnv"] }])),
  ];
  return given.flatMap(({ env, path }) => {
    const { customNetworking, prefixDelegation } = parseSettings(withoutNulls(env)).settings.pool;
    const problems: ClusterFileProblem[] = [];
    const custom = "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG";
    if (customNetworking) problems.push({ path: [...path, custom], message: "an IPv6 cluster has no custom networking" });
    if (env["ENABLE_PREFIX_DELEGATION"] !== undefined && !prefixDelegation)
      problems.push({ path: [...path, "ENABLE_PREFIX_DELEGATION"], message: "an IPv6 cluster's agent does not start without it" });
    return problems;
  });
}

function withoutNulls(env: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== null));
}
