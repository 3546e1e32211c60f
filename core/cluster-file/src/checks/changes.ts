import { cidr4, cidr4Overlaps } from "@slash28/address";
import { meant, type ClusterFileProblem } from "../problem.ts";
import type { ClusterChange, ClusterFile } from "../schema.ts";
import { durationMs } from "../schema/duration.ts";
import { settingProblems, targetProblems } from "./eni-configs.ts";
import { typeProblems } from "./node-groups.ts";
import { subnetProblems, type PlacedSubnet } from "./subnet-ranges.ts";

/** What is there when a change comes: the file's own network, and what earlier changes have added. */
interface Network {
  readonly cidrs: string[];
  readonly subnets: PlacedSubnet[];
}

export function changeProblems(file: ClusterFile): ClusterFileProblem[] {
  const { vpc, changes, workload } = file;
  const network: Network = {
    cidrs: [...vpc.cidrs],
    subnets: vpc.subnets.map((subnet, index) => ({ path: ["vpc", "subnets", index], subnet })),
  };
  const endMs = durationMs(workload.duration);
  // In order of time, so that a subnet is there for the ENIConfigs of the same or a later change.
  const inOrder = [...changes.entries()].sort(([, a], [, b]) => durationMs(a.at) - durationMs(b.at));
  return inOrder.flatMap(([index, change]) => {
    const path = ["changes", index];
    const late =
      durationMs(change.at) >= endMs
        ? [{ path: [...path, "at"], message: `comes after the end (workload.duration is ${workload.duration})` }]
        : [];
    return [...late, ...networkChangeProblems(file, change, network, path), ...groupChangeProblems(file, change, path)];
  });
}

function networkChangeProblems(
  file: ClusterFile,
  { addCidrs = [], addSubnets = [], eniConfigs }: ClusterChange,
  network: Network,
  path: readonly (string | number)[],
): ClusterFileProblem[] {
  const problems: ClusterFileProblem[] = [];
  for (const [index, text] of addCidrs.entries()) {
    const twin = network.cidrs.find((other) => cidr4Overlaps(cidr4(other), cidr4(text)));
    if (twin !== undefined) problems.push({ path: [...path, "addCidrs", index], message: `${text} overlaps ${twin}, which the VPC has` });
    network.cidrs.push(text);
  }
  for (const [index, subnet] of addSubnets.entries()) {
    const placed = { path: [...path, "addSubnets", index], subnet };
    problems.push(...subnetProblems(placed, { region: file.region, cidrs: network.cidrs, before: network.subnets }));
    network.subnets.push(placed);
  }
  if (eniConfigs === undefined) return problems;
  const subnets = network.subnets.map(({ subnet }) => subnet);
  const at = [...path, "eniConfigs"];
  return [...problems, ...targetProblems(eniConfigs, subnets, at), ...settingProblems(file, at)];
}

function groupChangeProblems(
  { nodeGroups }: ClusterFile,
  { replaceNodes, scaleGroup }: ClusterChange,
  path: readonly (string | number)[],
): ClusterFileProblem[] {
  const groups = nodeGroups.map(({ name }) => name);
  const named = { replaceNodes: replaceNodes?.group, scaleGroup: scaleGroup?.group };
  const problems = Object.entries(named).flatMap(([field, group]): ClusterFileProblem[] =>
    group === undefined || groups.includes(group)
      ? []
      : [{ path: [...path, field, "group"], message: `there is no node group ${group}${meant(group, groups)}` }],
  );
  const type = replaceNodes?.instanceType;
  return type === undefined ? problems : [...problems, ...typeProblems(type, [...path, "replaceNodes", "instanceType"])];
}
