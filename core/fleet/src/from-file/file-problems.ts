import type { ClusterFile, ClusterFileProblem } from "@slash28/cluster-file";
import { complaintText, parseSettings, unreadVariables } from "@slash28/ipam";

/** What a simulation cannot take as the file has it. The path is that of the file. */
export type FleetFileProblem = Pick<ClusterFileProblem, "path" | "message">;

/** What of a file is wrong for a simulation, and what is left out of it. */
export interface FileFindings {
  readonly problems: readonly FleetFileProblem[];
  /** What real clusters may well have and a simulation makes nothing of: security groups for pods, a setting that only the VPC CNI reads. */
  readonly notes: readonly FleetFileProblem[];
}

interface Finding extends FleetFileProblem {
  readonly isWrong: boolean;
}

/** Settings that an agent would not take as given, and parts of a network that a simulation makes nothing of. */
export function findingsIn(file: ClusterFile, env: Readonly<Record<string, string>>): FileFindings {
  const served = servedHere(file);
  const all = [...envFindings(env, ["vpcCni", "env"]), ...changedEnvFindings(file, env)];
  const findings = all.filter(({ path }) => !served.has(String(path.at(-1))));
  const those = (isWrong: boolean): FleetFileProblem[] =>
    findings.filter((finding) => finding.isWrong === isWrong).map(({ path, message }) => ({ path, message }));
  return { problems: those(true), notes: those(false) };
}

/** Settings that this agent does not serve and a simulation plays as the VPC CNI does. */
function servedHere({ ipFamily }: ClusterFile): ReadonlySet<string> {
  const always = ["ENABLE_POD_ENI", "POD_SECURITY_GROUP_ENFORCING_MODE"];
  return new Set(ipFamily === "ipv6" ? [...always, "ENABLE_IPv6"] : always);
}

function envFindings(env: Readonly<Record<string, string>>, path: readonly (string | number)[]): readonly Finding[] {
  const { notices, readings } = parseSettings(env);
  const told = notices.filter(({ kind }) => kind !== "ignored");
  const unread = unreadVariables(env, new Set(readings.map(({ variable }) => variable)));
  return [
    ...told.map(({ kind, variable, given, used, why }) => ({
      path: [...path, variable],
      message: complaintText({ variable, ...(given === undefined ? {} : { given }), used, why }),
      isWrong: kind === "invalid",
    })),
    ...unread.map(({ kind, variable, given, why }) => ({
      path: [...path, variable],
      message: complaintText({ variable, given, why }),
      isWrong: kind === "unknown",
    })),
  ];
}

/** The environment after each change, each finding told with the change that brings it. */
function changedEnvFindings({ changes }: ClusterFile, start: Readonly<Record<string, string>>): readonly Finding[] {
  let env: Readonly<Record<string, string>> = start;
  return changes.flatMap(({ setEnv }, index) => {
    if (setEnv === undefined) return [];
    const next = Object.entries({ ...env, ...setEnv }).filter((entry): entry is [string, string] => entry[1] !== null);
    env = Object.fromEntries(next);
    return envFindings(env, ["changes", index, "setEnv"]).filter(({ path }) => Object.hasOwn(setEnv, String(path.at(-1))));
  });
}
