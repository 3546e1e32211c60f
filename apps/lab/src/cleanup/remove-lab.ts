import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { isAlive, readRecord, runDirOfNamesake, type LabPaths } from "../control/index.ts";
import { namespacePrefix, removeFabric } from "../fabric/index.ts";

/** What was found of a lab and taken away. */
export interface Removed {
  readonly processes: number;
  readonly namespaces: readonly string[];
}

/**
 * Takes away whatever a lab left: its supervisor if it hangs, every process that runs in its namespaces or was started for it, its
 * namespaces, its run folder. Works from names alone, so also after a crash; doing it twice is fine.
 */
export function removeLab(paths: LabPaths, fallbackName = "slash28"): Removed {
  const record = readRecord(paths.record);
  let processes = record !== undefined && record.pid !== process.pid && isAlive(record) ? kill([record.pid]) : 0;
  if (process.platform !== "linux") return finish(paths, { processes, namespaces: [] });
  const called = record?.name ?? fallbackName;
  // The namespaces of that name are another lab's while it runs.
  const name = runDirOfNamesake(called, paths.runDir) === undefined ? called : undefined;
  // A process may start another while it is being looked for: look until nothing is found, a bounded number of times.
  for (let round = 0; round < 5; round++) {
    const found = kill(labProcesses(paths.runDir, name));
    processes += found;
    if (found === 0) break;
  }
  const namespaces = process.getuid?.() === 0 && name !== undefined ? removeFabric(name) : [];
  return finish(paths, { processes, namespaces });
}

function finish(paths: LabPaths, removed: Removed): Removed {
  rmSync(paths.runDir, { recursive: true, force: true, maxRetries: 3 });
  return removed;
}

function kill(pids: readonly number[]): number {
  let count = 0;
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
      count++;
    } catch {
      // It ended by itself between being found and being ended.
    }
  }
  return count;
}

/** Processes inside one of the lab's namespaces, or marked as the lab's own in their environment. */
function labProcesses(runDir: string, name: string | undefined): number[] {
  const inodes = new Set(name === undefined ? [] : namespaceInodes(namespacePrefix(name)));
  const mark = `SLASH28_LAB_RUN_DIR=${runDir}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(Number)
    .filter((pid) => inodes.has(networkInode(pid)) || environmentOf(pid).split("\0").includes(mark));
}

function namespaceInodes(prefix: string): string[] {
  try {
    return readdirSync("/run/netns")
      .filter((entry) => entry.startsWith(prefix))
      .map((entry) => `net:[${statSync(`/run/netns/${entry}`).ino}]`);
  } catch {
    return [];
  }
}

function networkInode(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return "";
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
