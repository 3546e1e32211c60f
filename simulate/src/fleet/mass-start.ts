import { createRandom, createVirtualClock, Timeline } from "@slash28/simulation";
import { startAgent } from "./agent-node.ts";
import { createFleetCloud } from "./fleet-cloud.ts";
import { startUpstream } from "./upstream-node.ts";

export interface MassStartOptions {
  readonly nodes: number;
  /** Upstream's variables, the same on each node. */
  readonly env: Readonly<Record<string, string>>;
  readonly who: "slash28" | "upstream";
  /** The longest that is looked at; 20 minutes unless told. */
  readonly withinMs?: number;
}

export interface MassStart {
  /** Until a node had its first address for pods, for the nodes that got one, in milliseconds; sorted. */
  readonly readyMs: readonly number[];
  /** Nodes without an address at the end. */
  readonly starved: number;
  /** Requests until every node was ready, and how many of them EC2 throttled. */
  readonly calls: number;
  readonly throttled: number;
  /** The requests by EC2's name of the action. */
  readonly byAction: Readonly<Record<string, number>>;
}

const START = Date.UTC(2030, 0, 1);
/** The nodes come up within this. */
const SPREAD_MS = 2_000;
const LOOK_MS = 100;

/** Starts a fleet at once against EC2's published buckets, in virtual time, until every node has an address. */
export async function massStart({ nodes, env, who, withinMs = 20 * 60_000 }: MassStartOptions): Promise<MassStart> {
  const timeline = new Timeline(START);
  const clock = createVirtualClock(timeline, 0, () => false);
  const fleet = await createFleetCloud(nodes, clock);
  const bugs: unknown[] = [];
  const onBug = (cause: unknown): void => void bugs.push(cause);
  const unready = new Map<number, () => boolean>();
  fleet.nodes.forEach((node, index) => {
    const random = createRandom("node", who, index);
    const fire = (): void => {
      const start = { fleet, node, env, clock, timeline, random, onBug };
      unready.set(index, who === "slash28" ? startAgent(start) : startUpstream(start));
    };
    timeline.schedule(random.next() * SPREAD_MS, { label: `node ${index} starts`, fire });
  });
  const readyMs: number[] = [];
  const look = (): void => {
    for (const [index, isReady] of unready) {
      if (!isReady()) continue;
      unready.delete(index);
      readyMs.push(timeline.now - START);
    }
    timeline.schedule(LOOK_MS, { label: "look", fire: look });
  };
  timeline.schedule(LOOK_MS, { label: "look", fire: look });
  while (readyMs.length < nodes && timeline.now < START + withinMs && bugs.length === 0) {
    timeline.advance()?.fire();
    await new Promise((resolve) => void setImmediate(resolve));
  }
  if (bugs.length > 0) throw bugs[0];
  const { sent, throttled, byAction } = fleet.calls;
  return { readyMs, starved: nodes - readyMs.length, calls: sent, throttled, byAction: Object.fromEntries(byAction) };
}
