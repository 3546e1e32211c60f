import { changeProblems } from "./checks/changes.ts";
import { eniConfigProblems } from "./checks/eni-configs.ts";
import { natProblems } from "./checks/nat.ts";
import { ipFamilyProblems } from "./checks/ip-family.ts";
import { isolationProblems } from "./checks/isolation.ts";
import { nodeGroupProblems } from "./checks/node-groups.ts";
import { networkProblems } from "./checks/network.ts";
import { workloadProblems } from "./checks/workload.ts";
import type { ClusterFileProblem } from "./problem.ts";
import { clusterFileSchema, type ClusterFile } from "./schema.ts";
import { problemsOfIssue, shapeError } from "./shape-problems.ts";

export type CheckedClusterFile =
  | { readonly ok: true; readonly file: ClusterFile }
  | { readonly ok: false; readonly problems: readonly ClusterFileProblem[] };

/** Checks a parsed document: its shape first, then what the shape cannot say (ranges inside the VPC, known types, names that exist). */
export function checkClusterFile(document: unknown): CheckedClusterFile {
  const shaped = clusterFileSchema.safeParse(document ?? {}, { error: shapeError });
  if (!shaped.success) return { ok: false, problems: shaped.error.issues.flatMap(problemsOfIssue) };
  const file = shaped.data;
  const problems = [
    networkProblems,
    natProblems,
    nodeGroupProblems,
    eniConfigProblems,
    workloadProblems,
    isolationProblems,
    changeProblems,
    ipFamilyProblems,
  ].flatMap((check) => check(file));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, file };
}
