import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readSnapshot, type PoolSnapshot } from "@slash28/ipam";
import { controlClient } from "@slash28/lab";
import type { CommandContext } from "../commands/command-context.ts";
import { runningLab } from "../lab/running-lab.ts";
import { CommandError, usageError } from "../output/index.ts";

/** A node's pool, by the node's name; for a saved file that is the file's, without its ending. */
export interface NamedPool {
  readonly node: string;
  readonly snapshot: PoolSnapshot;
}

const SAVE = "curl -s http://127.0.0.1:61679/v1/enis > NODE.json";

/** The pools of saved answers of `/v1/enis`. */
export function savedPools(paths: readonly string[]): readonly NamedPool[] {
  return paths.map((path) => {
    const read = readSnapshot(textOf(path));
    if (!read.ok) throw usageError(`${path} is not what an agent answers at /v1/enis: ${read.why}. On the node: ${SAVE}`);
    return { node: basename(path).replace(/\.json$/, ""), snapshot: read.snapshot };
  });
}

/** The pools of the running lab's nodes. A node whose agent does not answer is named on stderr and left out. */
export async function labPools(context: CommandContext): Promise<readonly NamedPool[]> {
  const { terminal, labPaths } = context;
  await runningLab(context).catch((cause: unknown) => {
    if (!(cause instanceof CommandError)) throw cause;
    throw new CommandError(`${cause.message}\nor give what a node's agent answers as --enis-file; on the node: ${SAVE}`);
  });
  const pools = await controlClient(labPaths.control).pools();
  return pools.flatMap(({ node, enis }): readonly NamedPool[] => {
    const read = enis === undefined ? undefined : readSnapshot(enis);
    if (read?.ok === true) return [{ node, snapshot: read.snapshot }];
    terminal.err(`the agent of ${node} does not tell its pool${read === undefined ? "" : `: ${read.why}`}; it is left out`);
    return [];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "there is no such file" : String(cause);
    throw usageError(`cannot read ${path}: ${reason}`);
  }
}
