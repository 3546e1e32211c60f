import { formatCidr4 } from "@slash28/address";
import { kubeReservedOf } from "@slash28/limits";
import { standardMaxPods } from "@slash28/node-bootstrap";
import { agentEnv } from "./agent-env.ts";
import { branchCapacity, type Candidate } from "./candidate.ts";
import type { Demand } from "./demand.ts";
import { MODES } from "./mode.ts";
import type { Needs } from "./needs.ts";
import { notesOn, reasonsFor } from "./plan-words.ts";
import type { Alternative, Plan, PlannedNodeGroup, SizeAt } from "./plan-types.ts";
import { plannedSubnets } from "./planned-subnets.ts";
import { runsOut } from "./runs-out.ts";
import { leftOver } from "./subnet-layout.ts";
import { serviceRange } from "./vpc-ranges.ts";

/** The plan that a candidate makes, in full. */
export function describePlan(candidate: Candidate, needs: Needs, alternatives: readonly Alternative[]): Plan {
  const { mode, need, planned, today } = candidate;
  const cidrs = [...candidate.routable, ...candidate.podRanges];
  const quota = Math.max(needs.eniQuota, Math.ceil(need.enis / 1000) * 1000);
  const subnets = plannedSubnets(candidate, needs);
  const services = serviceRange(cidrs, needs.avoid);
  return {
    name: needs.name,
    region: needs.region,
    zones: needs.zones,
    mode,
    title: MODES[mode].title,
    reasons: reasonsFor(candidate, needs),
    alternatives,
    size: { months: needs.months, today: sizeAt(today), planned: sizeAt(planned), boundBy: planned.boundBy },
    vpc: {
      cidrs: cidrs.map(formatCidr4),
      hasIpv6: MODES[mode].isIpv6,
      internet: needs.internet,
      serviceCidr: formatCidr4(services.range),
      subnets,
      leftOver: leftOver(cidrs, candidate.subnets).map(formatCidr4),
    },
    env: agentEnv(candidate, needs),
    nodeGroups: nodeGroups(candidate, needs),
    eniConfigs: subnets.filter(({ role }) => role === "pods").map(({ zone, name }) => ({ zone, subnet: name })),
    isolation:
      needs.isolatedPods === 0
        ? null
        : {
            pods: planned.isolatedPods,
            branchEnisPerNode: Object.fromEntries(candidate.sizes.map((size) => [size.instanceType, size.branchPods])),
            capacity: branchCapacity(candidate.sizes, planned.nodes),
          },
    runsOut: runsOut(candidate, needs, quota),
    quotas: { networkInterfaces: quota, needed: need.enis },
    notes: [...notesOn(candidate, needs, quota), ...hiddenText(services)],
  };
}

function hiddenText({ range, hides }: ReturnType<typeof serviceRange>): readonly string[] {
  const text = formatCidr4(range);
  return hides.length === 0
    ? []
    : [`services have ${text}, for want of another: pods will not reach what of ${hides.map(formatCidr4).join(", ")} lies in it`];
}

function sizeAt({ nodes, surgeNodes, pods, podsPerNode, isolatedPods }: Demand): SizeAt {
  return { nodes, surgeNodes, pods, podsPerNode, isolatedPods };
}

function nodeGroups({ sizes, today, planned }: Candidate, needs: Needs): readonly PlannedNodeGroup[] {
  return sizes.map(({ instanceType, limits, maxPods, branchPods }) => {
    const ofImage = standardMaxPods(limits);
    const { vcpus } = limits;
    return {
      name: sizes.length === 1 ? "general" : instanceType.replaceAll(".", "-"),
      instanceType,
      nodesToday: today.nodes / sizes.length,
      nodesPlanned: planned.nodes / sizes.length,
      maxPods,
      maxPodsOfImage: ofImage,
      podsPerNodeByCompute: needs.podsPerNodeByCompute ?? null,
      kubeReserved: {
        amazonLinux: vcpus === undefined ? null : kubeReservedOf(ofImage, vcpus),
        bottlerocket: vcpus === undefined ? null : kubeReservedOf(maxPods, vcpus),
      },
      branchPodsPerNode: branchPods,
    };
  });
}
