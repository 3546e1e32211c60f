import { createFleet, type Fleet, type FleetChange, type FleetInput, type FleetMoment, type NodeHolding } from "@slash28/fleet";
import { atPace, type Pace } from "./pace.ts";

/** Until then the observed fleet comes to rest: what it would have done without the fix is done. */
const AT_REST_MS = 300_000;
/** After the fix. A fleet at rest costs nothing, so that is ample. */
const AFTER_MS = 1_800_000;
/** It is looked at every second at first, and later less often: always to a hundredth of the time since the fix. */
const STEP_MS = 1_000;
const STEP_SHARE = 0.01;
/** One replaced node after another, at the slowest. */
const REPLACEMENT_MS = 300_000;
const LONGEST_MS = 7 * 86_400_000;
/** Moved addresses that are still to come count as none below this share. */
const ALL_BUT = 0.02;

export interface FixRun {
  /** Free addresses of each subnet that there was before the fix. */
  readonly freeBefore: readonly number[];
  readonly freeAfter: readonly number[];
  readonly waitingBefore: number;
  readonly waitingAfter: number;
  readonly podsDelayed: number;
  /** Since the fix, in seconds: until nearly all addresses have moved; until no pod waits that does not wait for good. */
  readonly movedAt: number;
  readonly startedAt: number;
  /** Requests for addresses or network interfaces. */
  readonly asked: number;
  /** What each node had at first, at the moment of the fix, and when all has come to rest. */
  readonly nodes: NodesThrough;
}

export interface NodesThrough {
  readonly atFirst: readonly NodeHolding[];
  readonly before: readonly NodeHolding[];
  readonly after: readonly NodeHolding[];
}

export interface FixOrder {
  readonly changes: readonly FleetChange[];
  readonly pace: Pace;
  /** Nothing of what agents ask for is granted before the fix: it is made at once, on the fleet as it was observed. */
  readonly isStalled: boolean;
}

/** One fleet with one fix at one pace. Throws a `RangeError` where the input contradicts itself. Yields now and then, so that others can go on. */
export function* runFix(input: FleetInput, { changes, pace, isStalled }: FixOrder): Generator<undefined, FixRun> {
  const fixAtMs = isStalled ? 0 : AT_REST_MS + pace.laterMs;
  const horizonMs = fixAtMs + afterMs(changes, input);
  const fleet = createFleet({
    ...input,
    changes: atPace(changes, { fixAtMs, nodes: input.initial?.nodes.length ?? 0 }, pace),
    ec2: { ...input.ec2, ...pace.ec2 },
    durationMs: horizonMs,
    seed: pace.seed,
  });
  yield;
  const waitingAtFirst = (input.initial?.nodes ?? []).reduce((sum, { waitingPods }) => sum + waitingPods, input.initial?.pendingPods ?? 0);
  const atFirst = fleet.nodeHoldings();
  if (!isStalled) fleet.advance(fixAtMs - 1);
  const nodesBefore = fleet.nodeHoldings();
  const asItWas = fleet.moment();
  const before: FleetMoment = isStalled ? { ...asItWas, podsWaiting: waitingAtFirst, podsDelayedByAddresses: 0 } : asItWas;
  const rows: Row[] = [];
  yield* watch(fleet, { fromMs: fixAtMs, untilMs: horizonMs, subnets: before.free.length, rows });
  const last = fleet.moment();
  const started = Math.max(0, before.podsWaiting - last.podsWaiting);
  const delayed = last.podsDelayedByAddresses - before.podsDelayedByAddresses;
  const { byAction } = fleet.result().summary.ec2Calls;
  return {
    freeBefore: before.free,
    freeAfter: last.free.slice(0, before.free.length),
    waitingBefore: before.podsWaiting,
    waitingAfter: last.podsWaiting,
    podsDelayed: Math.max(0, delayed - started) + Math.max(0, last.podsWaiting - before.podsWaiting),
    movedAt: movedAt(before.free, rows),
    asked: ASKING.reduce((sum, action) => sum + (byAction[action]?.total ?? 0), 0),
    nodes: { atFirst, before: nodesBefore, after: fleet.nodeHoldings() },
    startedAt: sinceWhen(rows, ({ waiting }) => waiting <= last.podsWaiting),
  };
}

const ASKING = ["AssignPrivateIpAddresses", "CreateNetworkInterface"];

interface Row {
  readonly atSeconds: number;
  readonly free: readonly number[];
  readonly waiting: number;
}

interface Watch {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly subnets: number;
  readonly rows: Row[];
}

const STEPS_AT_ONCE = 50;

function* watch(fleet: Fleet, { fromMs, untilMs, subnets, rows }: Watch): Generator<undefined, void> {
  for (let at = fromMs, step = 0; at < untilMs; step++) {
    const sinceMs = at - fromMs;
    at = Math.min(untilMs, at + (step === 0 ? 0 : Math.max(STEP_MS, Math.ceil((sinceMs * STEP_SHARE) / STEP_MS) * STEP_MS)));
    fleet.advance(at);
    const { free, podsWaiting } = fleet.moment();
    rows.push({ atSeconds: (at - fromMs) / 1_000, free: free.slice(0, subnets), waiting: podsWaiting });
    if (step % STEPS_AT_ONCE === 0) yield;
  }
}

/** Replaced nodes go in turns, each of which may take minutes. */
function afterMs(changes: readonly FleetChange[], { initial }: FleetInput): number {
  const turns = changes.map((change) => {
    if (change.kind !== "replace-nodes") return 0;
    const nodes = (initial?.nodes ?? []).filter(({ group }) => group === change.group).length;
    return Math.ceil(nodes / change.maxUnavailable);
  });
  return Math.min(LONGEST_MS, AFTER_MS + Math.max(0, ...turns) * REPLACEMENT_MS);
}

function movedAt(before: readonly number[], rows: readonly Row[]): number {
  const after = rows.at(-1)?.free ?? before;
  const away = (free: readonly number[]): number => free.reduce((sum, each, at) => sum + Math.abs(each - (after[at] ?? each)), 0);
  const enough = away(before) * ALL_BUT;
  return sinceWhen(rows, ({ free }) => away(free) <= enough);
}

/** From when on something holds to the end. */
function sinceWhen(rows: readonly Row[], holds: (row: Row) => boolean): number {
  const lastNot = rows.findLastIndex((row) => !holds(row));
  return rows[lastNot + 1]?.atSeconds ?? rows.at(-1)?.atSeconds ?? 0;
}
