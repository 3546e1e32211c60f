import { readdirSync, readFileSync } from "node:fs";
import { labPaths } from "./lab-paths.ts";
import { isAlive, readRecord } from "./lab-record.ts";

/**
 * The run folder of another lab of this name that runs on this machine. Namespaces are called after the lab, so that two of one name would
 * take each other's away.
 */
export function runDirOfNamesake(name: string, ownRunDir: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  const folders = new Set(readdirSync("/proc").flatMap((entry) => (/^\d+$/.test(entry) ? runDirOf(entry) : [])));
  folders.delete(ownRunDir);
  return [...folders].find((folder) => {
    const record = readRecord(labPaths(folder).record);
    return record !== undefined && record.name === name && isAlive(record);
  });
}

const MARK = "SLASH28_LAB_RUN_DIR=";

/** Which lab a process belongs to, by the environment that the lab gives its own. */
function runDirOf(pid: string): readonly string[] {
  try {
    const own = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return own.flatMap((variable) => (variable.startsWith(MARK) ? variable.slice(MARK.length) : []));
  } catch {
    return [];
  }
}
