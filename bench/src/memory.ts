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
