import type { ClusterFile, ClusterFileProblem } from "@slash28/cluster-file";
import { complaintText, parseSettings, settingComplaints } from "@slash28/ipam";
import { CNI_TAG } from "./subnet-of.ts";

/** What a simulation cannot take as the file has it. The path is that of the file. */
export type FleetFileProblem = Pick<ClusterFileProblem, "path" | "message">;

/** Settings that an agent would not take as given, and parts of a network that a simulation makes nothing of. */
export function fileProblems(file: ClusterFile, env: Readonly<Record<string, string>>): readonly FleetFileProblem[] {
  return [...envProblems(env, ["vpcCni", "env"]), ...changedEnvProblems(file, env), ...tagProblems(file)];
}

function envProblems(env: Readonly<Record<string, string>>, path: readonly (string | number)[]): readonly FleetFileProblem[] {
  return settingComplaints(env, parseSettings(env)).map((complaint) => ({
    path: [...path, complaint.variable],
    message: complaintText(complaint),
  }));
}

/** The environment after each change, each problem told with the change that brings it. */
function changedEnvProblems({ changes }: ClusterFile, start: Readonly<Record<string, string>>): readonly FleetFileProblem[] {
  let env: Readonly<Record<string, string>> = start;
  return changes.flatMap(({ setEnv }, index) => {
    if (setEnv === undefined) return [];
    const next = Object.entries({ ...env, ...setEnv }).filter((entry): entry is [string, string] => entry[1] !== null);
    env = Object.fromEntries(next);
    return envProblems(env, ["changes", index, "setEnv"]).filter(({ path }) => Object.hasOwn(setEnv, String(path.at(-1))));
  });
}

function tagProblems({ vpc, changes }: ClusterFile): readonly FleetFileProblem[] {
  const subnets = [
    ...vpc.subnets.map((subnet, index) => ({ subnet, path: ["vpc", "subnets", index] })),
    ...changes.flatMap(({ addSubnets = [] }, at) =>
      addSubnets.map((subnet, index) => ({ subnet, path: ["changes", at, "addSubnets", index] })),
    ),
  ];
  return subnets.flatMap(({ subnet, path }) => {
    const value = subnet.tags[CNI_TAG];
    if (value === undefined || value === "1") return [];
    const message = `a simulation takes no notice of ${CNI_TAG}=${value}: only "1" is known to it, so pods would get addresses of this subnet all the same`;
    return [{ path: [...path, "tags", CNI_TAG], message }];
  });
}
