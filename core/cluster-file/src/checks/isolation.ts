import { isPodEniOn } from "@slash28/ipam";
import { limitsOf } from "@slash28/limits";
import type { ClusterFileProblem } from "../problem.ts";
import type { ClusterFile } from "../schema.ts";

/** Pods with security groups of their own need a setting, sooner or later, and nodes whose type can have a trunk ENI. */
export function isolationProblems(file: ClusterFile): ClusterFileProblem[] {
  return file.workload.shapes.flatMap((shape, index): ClusterFileProblem[] => {
    if (!shape.isolated) return [];
    const path = ["workload", "shapes", index, "isolated"];
    const problems: ClusterFileProblem[] = [];
    if (!hasSetting(file))
      problems.push({ path, message: "no pod gets a branch ENI: set vpcCni.env.ENABLE_POD_ENI: true, or have a change set it" });
    const types = typesFor(file, shape.nodeGroup);
    if (!types.some((type) => limitsOf(type)?.trunkingCompatible === true))
      problems.push({ path, message: `no node of ${[...new Set(types)].join(", ")} can have a trunk ENI, and with it branches` });
    return problems;
  });
}

function hasSetting({ vpcCni, changes }: ClusterFile): boolean {
  return [vpcCni.env, ...changes.map(({ setEnv }) => setEnv ?? {})].some((env) =>
    isPodEniOn(Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? undefined]))),
  );
}

/** Types that nodes of a group have, at the start or after a change. */
function typesFor({ nodeGroups, changes }: ClusterFile, group: string | undefined): readonly string[] {
  const counts = (name: string): boolean => group === undefined || name === group;
  return [
    ...nodeGroups.filter(({ name }) => counts(name)).map(({ instanceType }) => instanceType),
    ...changes.flatMap(({ replaceNodes: change }) =>
      change?.instanceType !== undefined && counts(change.group) ? [change.instanceType] : [],
    ),
  ];
}
