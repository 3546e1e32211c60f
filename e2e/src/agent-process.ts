import { readdirSync, readFileSync, statSync } from "node:fs";

/** The process of a node's agent: the one that runs the agent's program in the instance's network namespace. */
export function agentPid(namespace: string): number | undefined {
  return agentPids([namespace]).get(namespace);
}

/** The agents' processes of several nodes, by one look at this machine's processes. A node whose agent does not run is left out. */
export function agentPids(namespaces: readonly string[]): ReadonlyMap<string, number> {
  const names = new Map(namespaces.map((name) => [statSync(`/run/netns/${name}`).ino, name]));
  const found = new Map<string, number>();
  for (const pid of readdirSync("/proc").map(Number)) {
    const name = pid > 0 ? names.get(agentNamespace(pid) ?? 0) : undefined;
    if (name !== undefined) found.set(name, pid);
  }
  return found;
}

/** The network namespace a process is in, if it is an agent. */
function agentNamespace(pid: number): number | undefined {
  try {
    const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const isAgent = /\bnode$/.test(program) && args.some((arg) => arg.endsWith("/agent.mjs"));
    return isAgent ? statSync(`/proc/${pid}/ns/net`).ino : undefined;
  } catch {
    // It ended while it was looked at.
    return undefined;
  }
}
