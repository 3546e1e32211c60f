import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { checkClusterFile, type ClusterFile } from "@slash28/cluster-file";
import { isAlive, readKeptLab, readRecord, stateRecord, type KeptLab } from "@slash28/lab";
import { readClusterFile } from "../cluster-file/read-cluster-file.ts";
import { CommandError, usageError } from "../output/index.ts";
import type { IsGiven, UpOptions } from "./up.ts";

/** Sees to it that the folder is there, is for labs alone and can be written to, and that no other lab uses it. */
export function takeStateFolder(folder: string): void {
  const entries = entriesOf(folder);
  const record = readRecord(stateRecord(folder));
  if (record !== undefined && isAlive(record))
    throw new CommandError(`the state in ${folder} is in use by the lab ${record.name} (process ${record.pid}); end that first`);
  // A lab that begins anew removes what is left of one that was never whole: of others' files it must keep away.
  if (record === undefined && entries.length > 0)
    throw new CommandError(
      `${folder} holds other things than a lab (${entries.slice(0, 3).join(", ")}); give an empty folder, or a new one`,
    );
}

function entriesOf(folder: string): readonly string[] {
  try {
    // Parents are not made: a mistyped path would become a folder somewhere.
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return readdirSync(folder);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? cause.code : String(cause);
    throw new CommandError(
      `the lab cannot be kept in ${folder} (${String(reason)}): give a folder that can be written to, or one to make in a folder that is there`,
    );
  }
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
