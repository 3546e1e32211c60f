import { readdirSync, readFileSync, statSync } from "node:fs";

/** The process of a node's agent: the one that runs the agent's program in the instance's network namespace. */
export function agentPid(namespace: string): number | undefined {
  const inode = statSync(`/run/netns/${namespace}`).ino;
  return readdirSync("/proc")
    .map(Number)
    .find((pid) => pid > 0 && isAgent(pid, inode));
}

function isAgent(pid: number, inode: number): boolean {
  try {
    const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return /\bnode$/.test(program) && args.some((arg) => arg.endsWith("/agent.mjs")) && statSync(`/proc/${pid}/ns/net`).ino === inode;
  } catch {
    // It ended while it was looked at.
    return false;
  }
}
