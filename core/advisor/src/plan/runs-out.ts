import { cidr4Size } from "@slash28/address";
import { branchCapacity, type Candidate } from "./candidate.ts";
import { demandAt } from "./demand.ts";
import type { Needs } from "./needs.ts";
import type { RunsOut, SubnetRole } from "./plan-types.ts";
import { zoneNeedOf } from "./zone-need.ts";

const MONTHS_MAX = 600;
const KEPT_BY_EC2 = 5;

/** The first month in which something is too small while an upgrade runs, at the stated growth. */
export function runsOut(candidate: Candidate, needs: Needs, quota: number): RunsOut {
  if (needs.growthPerYear === 0) return { months: null, what: null, arithmetic: "nothing grows" };
  const usable = { nodes: usableOf(candidate, "nodes"), pods: usableOf(candidate, "pods") };
  for (let month = 0; month <= MONTHS_MAX; month++) {
    const found = shortAt(candidate, needs, month, { ...usable, quota });
    if (found !== undefined) return { months: month, ...found };
  }
  return { months: null, what: null, arithmetic: `still enough after ${MONTHS_MAX / 12} years` };
}

interface Room {
  readonly nodes: number;
  readonly pods: number;
  readonly quota: number;
}

function shortAt(candidate: Candidate, needs: Needs, month: number, room: Room): Pick<RunsOut, "what" | "arithmetic"> | undefined {
  const demand = demandAt(needs, candidate.sizes, month);
  const need = zoneNeedOf(candidate.mode, candidate.sizes, demand, needs);
  if (need.nodeSubnet > room.nodes) return { what: "nodes", arithmetic: `${need.nodeArithmetic} of ${room.nodes} in a nodes' subnet` };
  if (need.podSubnet > room.pods) {
    return { what: "pods", arithmetic: `${need.podArithmetic} of ${room.pods} in a subnet for pods` };
  }
  if (need.enis > room.quota)
    return { what: "eni-quota", arithmetic: `${need.enis} ENIs of ${room.quota} that the account may have in the Region` };
  const branches = branchCapacity(candidate.sizes, demand.nodes);
  if (demand.isolatedPods <= branches) return undefined;
  return { what: "branch-enis", arithmetic: `${demand.isolatedPods} pods with security groups of their own, ${branches} branch ENIs` };
}

function usableOf({ subnets }: Candidate, role: SubnetRole): number {
  const sizes = subnets.filter((subnet) => subnet.role === role).map(({ cidr }) => cidr4Size(cidr) - KEPT_BY_EC2);
  return sizes.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...sizes);
}
