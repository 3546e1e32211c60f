import { isDeepStrictEqual } from "node:util";
import { checkClusterFile, type ClusterFile } from "@slash28/cluster-file";
import { isAlive, readKeptLab, readRecord, stateRecord, type KeptLab } from "@slash28/lab";
import { readClusterFile } from "../cluster-file/read-cluster-file.ts";
import { CommandError, usageError } from "../output/index.ts";
import type { IsGiven, UpOptions } from "./up.ts";

/** One folder, one lab at a time. */
export function refuseStateInUse(folder: string): void {
  const record = readRecord(stateRecord(folder));
  if (record === undefined || !isAlive(record)) return;
  throw new CommandError(`the state in ${folder} is in use by the lab ${record.name} (process ${record.pid}); end that first`);
}

/** The lab kept in a folder, as it goes on; a usage error when the command line asks for another one. */
export function keptLab(
  folder: string,
  asked: UpOptions,
  isGiven: IsGiven,
): { readonly options: Pick<UpOptions, "seed" | "ec2Profile" | "dataPlane">; readonly cluster: ClusterFile } | undefined {
  const kept = readKept(folder);
  if (kept === undefined) return undefined;
  const checked = checkClusterFile(kept.file);
  if (!checked.ok) throw new CommandError(`the lab kept in ${folder} is of another version of slash28: ${checked.problems[0]?.message}`);
  const { seed, ec2Profile, dataPlane } = kept;
  const options = { seed, ec2Profile, dataPlane };
  for (const [name, value] of Object.entries(options)) {
    if (isGiven(name) && asked[name as keyof typeof options] !== value)
      throw usageError(`the lab kept in ${folder} was made with ${flagOf(name)} ${value}, and goes on with it; leave the option away`);
  }
  if (isGiven("nodes") || isGiven("instanceType"))
    throw usageError(`the lab kept in ${folder} has its nodes; change them with kubectl and aws, or take another folder`);
  if (asked.file !== undefined && !isDeepStrictEqual(readClusterFile(asked.file), checked.file))
    throw usageError(
      `the lab kept in ${folder} was made from another cluster file than ${asked.file}; leave --file away to go on with it, or take another folder`,
    );
  return { options, cluster: checked.file };
}

function readKept(folder: string): KeptLab | undefined {
  try {
    return readKeptLab(folder);
  } catch (cause) {
    throw new CommandError(cause instanceof Error ? cause.message : String(cause));
  }
}

function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]|\d+/g, (part) => (/\d/.test(part) ? part : `-${part.toLowerCase()}`))}`;
}
