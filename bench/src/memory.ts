import { readdirSync, readFileSync } from "node:fs";

/** A process's resident memory in MB (10⁶ bytes): `VmRSS` of proc(5). */
export function residentMb(pid: number): number {
  return residentMbOf(readFileSync(`/proc/${pid}/status`, "utf8"));
}

export function residentMbOf(status: string): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error("the process has no resident memory: it has ended");
  return (Number(kib) * 1_024) / 1e6;
}

/** A process's share of the memory it has in MB: what it shares counts by the number of those who share it. `Pss` of proc(5); 0 when it has ended. */
export function proportionalMb(pid: number): number {
  const kib = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  return kib === undefined ? 0 : (Number(kib) * 1_024) / 1e6;
}

/** Every process of the lab with this run folder: the supervisor and all below it, and whatever says so in its environment. */
export function processesOfLab(runDir: string): readonly number[] {
  const mark = `SLASH28_LAB_RUN_DIR=${runDir}`;
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const marked = all.filter((name) => read(`/proc/${name}/environ`).split("\0").includes(mark)).map(Number);
  const parents = new Map(all.map((name) => [Number(name), parentOf(Number(name))]));
  const own = new Set(marked);
  const isOwn = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (own.has(at)) return true;
    return false;
  };
  return all.map(Number).filter(isOwn);
}

/** The processes below one that run this script in Node. */
export function scriptsBelow(ancestor: number, script: string): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at)) if (at === ancestor) return true;
    return false;
  };
  return [...parents.keys()].filter((pid) => isBelow(pid) && isScript(read(`/proc/${pid}/cmdline`), script));
}

function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name in brackets may hold anything; the fields start after the last one.
  return stat === "" ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** Whether a command line, words ending in NUL as in proc(5), is Node running the script and not a program that starts it. */
export function isScript(commandLine: string, script: string): boolean {
  const [program = "", ...args] = commandLine.split("\0");
  return /(^|\/)node$/.test(program) && args.find((arg) => arg !== "" && !arg.startsWith("-"))?.endsWith(script) === true;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
