import type { FleetChange, FleetEc2 } from "@slash28/fleet";

/** How fast everything goes that a fleet does not decide itself. */
export interface Pace {
  readonly ec2: Pick<FleetEc2, "latency" | "throttling">;
  /** From the end of an agent to the start of the next on its node. */
  readonly restartMs: number;
  /** From the launch of an instance until its kubelet takes pods. */
  readonly nodeReadyAfterMs: number;
  /** Added to the moment of the fix: agents look at some things once a minute, and the fix may come at any time between. */
  readonly laterMs: number;
  readonly seed: number;
}

/** EC2 answers at once, agents and nodes are there at once: nothing is faster. */
const QUICK = { ec2: { latency: "none", throttling: false }, restartMs: 0, nodeReadyAfterMs: 0 } as const;
/** EC2 as users measure it; an agent whose image must be pulled; a node that takes its time to join. */
const SLOW = { ec2: { latency: "typical", throttling: true }, restartMs: 30_000, nodeReadyAfterMs: 180_000 } as const;
/** Thirds of the minute after which a pool without room looks for other subnets (`AGENT_PACE.otherSubnetsMs`). */
const MOMENTS_MS = [0, 20_000, 40_000];
/** Larger fleets are run once at each pace: their many nodes are at every moment of their minute anyway. */
const SMALL_FLEET = 100;

/** The paces at which a fleet of so many nodes is run; the first, a slow one, gives the counts. */
export function pacesFor(nodes: number): readonly Pace[] {
  const moments = nodes <= SMALL_FLEET ? MOMENTS_MS : [0];
  return [SLOW, QUICK].flatMap((pace) => moments.map((laterMs, at): Pace => ({ ...pace, laterMs, seed: at + 1 })));
}

interface Moment {
  readonly fixAtMs: number;
  /** In the fleet. */
  readonly nodes: number;
}

/** A fix at this moment and pace. Nodes are replaced when new settings have been rolled out, as the commands wait for it. */
export function atPace(
  changes: readonly FleetChange[],
  { fixAtMs, nodes }: Moment,
  { restartMs, nodeReadyAfterMs }: Pace,
): readonly FleetChange[] {
  const rolloutMs = changes.reduce((sum, change) => {
    return change.kind === "set-env" ? sum + Math.ceil(nodes / change.maxUnavailable) * restartMs : sum;
  }, 0);
  return changes.map((change): FleetChange => {
    const atMs = change.atMs + fixAtMs;
    if (change.kind === "set-env") return { ...change, atMs, restartMs };
    if (change.kind === "replace-nodes") return { ...change, atMs: atMs + rolloutMs, nodeReadyAfterMs };
    return { ...change, atMs };
  });
}
