import type { Random } from "@slash28/simulation";
import { agentPids } from "../agent-process.ts";
import type { PodBook } from "./pod-book.ts";
import type { Tally } from "./tally.ts";

export interface SoakNode {
  readonly name: string;
  readonly instanceId: string;
  readonly namespace: string;
  readonly group: string;
}

export interface KillOptions {
  readonly nodes: readonly SoakNode[];
  readonly kills: number;
  readonly random: Random;
  readonly book: PodBook;
  readonly tally: Tally;
  readonly isOver: () => boolean;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

interface Agent {
  readonly pid: number;
  readonly since: number;
  readonly killAt: number;
}

const LOOK_EVERY_MS = 60;
/** An agent that runs for less is still starting: settings, metadata, journal, the first look at EC2 and the kernel. */
const START_MS = 1_000;
/** A node without an agent for so long will not get one. */
const BACK_WITHIN_MS = 90_000;

/** Kills the nodes' agents, each at a moment of its life that nobody chose, until there were enough. */
export async function killAgents(options: KillOptions): Promise<void> {
  const { nodes, kills, tally, isOver, now, sleep } = options;
  const agents = new Map<string, Agent>();
  const lastSeen = new Map(nodes.map((node) => [node.name, now()]));
  while (!isOver() && tally.kills < kills) {
    const pids = agentPids(nodes.map((node) => node.namespace));
    for (const node of nodes) {
      const pid = pids.get(node.namespace);
      if (pid !== undefined) lastSeen.set(node.name, now());
      else if (now() - (lastSeen.get(node.name) ?? 0) > BACK_WITHIN_MS) throw new Error(`no agent came back on ${node.name}`);
      const agent = agents.get(node.name);
      if (pid === undefined) agents.delete(node.name);
      else if (agent?.pid !== pid) agents.set(node.name, { pid, since: now(), killAt: now() + lifeMs(options.random) });
      else if (now() >= agent.killAt && tally.kills < kills) {
        agents.delete(node.name);
        kill(node, agent, options);
      }
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Four in ten while it starts, half in the thick of the churn, one in ten after it had time for all it wanted. */
function lifeMs(random: Random): number {
  const part = random.int(10);
  if (part < 4) return random.int(START_MS);
  return part < 9 ? START_MS + random.int(2_500) : random.between(5_000, 12_000);
}

function kill({ name }: SoakNode, { pid, since }: Agent, { book, tally, now }: KillOptions): void {
  const { starting, ending } = book.on(name);
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended between the look and the blow; its successor is next.
    return;
  }
  const states = [
    now() - since < START_MS ? "agentStart" : undefined,
    starting > 0 ? "podsStarting" : undefined,
    ending > 0 ? "podsEnding" : undefined,
  ] as const;
  tally.killed(states.filter((state) => state !== undefined));
}
