import { instanceTypes, limitsOf } from "@slash28/limits";
import { meant, type ClusterFileProblem } from "../problem.ts";
import type { ClusterFile, ClusterNodeGroup } from "../schema.ts";

export function nodeGroupProblems(file: ClusterFile): ClusterFileProblem[] {
  const zones = new Set(file.vpc.subnets.filter((subnet) => subnet.for === "nodes").map((subnet) => subnet.zone));
  return file.nodeGroups.flatMap((group, index) => {
    const at = (...rest: (string | number)[]): (string | number)[] => ["nodeGroups", index, ...rest];
    const problems = typeProblems(group.instanceType, at("instanceType"));
    if (file.nodeGroups.findIndex((other) => other.name === group.name) < index)
      problems.push({ path: at("name"), message: `node group ${group.name} stands twice` });
    for (const [place, zone] of (group.zones ?? []).entries()) {
      if (!zones.has(zone)) problems.push({ path: at("zones", place), message: zoneMessage(file, zone) });
    }
    return [...problems, ...scalingProblems(group, at)];
  });
}

/** An instance type that the table of limits has. */
export function typeProblems(type: string, path: readonly (string | number)[]): ClusterFileProblem[] {
  if (limitsOf(type) !== undefined) return [];
  const near = meant(type, instanceTypes());
  return [{ path, message: `${type} is not an EC2 instance type known here${near.startsWith(";") ? near : ""}` }];
}

function zoneMessage({ vpc }: ClusterFile, zone: string): string {
  return vpc.subnets.some((subnet) => subnet.zone === zone)
    ? `zone ${zone} has subnets for pods only; its nodes need one without \`for: pods\``
    : `zone ${zone} has no subnet in vpc.subnets`;
}

function scalingProblems({ nodes, scaling }: ClusterNodeGroup, at: (...rest: string[]) => (string | number)[]): ClusterFileProblem[] {
  if (scaling === undefined) return [];
  const { min, max } = scaling;
  if (min > max) return [{ path: at("scaling", "min"), message: `min (${min}) is above max (${max})` }];
  if (nodes >= min && nodes <= max) return [];
  return [{ path: at("nodes"), message: `${nodes} nodes are not within scaling.min (${min}) and scaling.max (${max})` }];
}
