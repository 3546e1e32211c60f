import { cidr4Size } from "@slash28/address";
import type { FleetInput } from "@slash28/fleet";
import { RESERVED_BY_AWS } from "@slash28/vpc";
import type { SecondsInterval, SimulatedEffect, StatedEffect, UnknownEffect } from "../effect.ts";
import type { Finding } from "../finding.ts";
import { counted } from "../findings/check.ts";
import { checkNamed } from "../findings/index.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { movedText, replacementText, spanText } from "./effect-text.ts";
import { fleetOf } from "./fleet-of-snapshot.ts";
import { pacesFor, type Pace } from "./pace.ts";
import type { PlannedEffect } from "./planned-effect.ts";
import { runFix, type FixOrder, type FixRun } from "./run-fix.ts";
import { onSample, sampleOf, wholeFleet, type FleetSample } from "./sample.ts";

/** kubelet tries a sandbox again this long after a try that failed (its back-off of 10 s, and half of that by chance). */
const SANDBOX_RETRY_S = 15;

type Simulated = Extract<PlannedEffect, { kind: "simulate" }>;

/** How far telling the effects is. */
export interface EffectStep {
  /** The finding whose fix is simulated. */
  readonly finding: string;
  readonly run: number;
  readonly runs: number;
}

/** Tells of every finding what its fix does: by simulating the observed fleet with it, by what is known of it, or why nobody can tell. */
export function* withEffects(view: ClusterView, findings: readonly Finding[]): Generator<EffectStep, readonly Finding[]> {
  const known = new Map<string, Outcome>();
  const told: Finding[] = [];
  const fleetFor = fleetsOf(view);
  for (const finding of findings) {
    const planned = checkNamed(finding.id)?.effect(view, finding) ?? { kind: "unknown", why: "nobody has said what its fix changes" };
    if (planned.kind !== "simulate") {
      told.push({ ...finding, effect: statedEffect(finding, planned) });
      continue;
    }
    // Fixes of several findings may be the same.
    const key = JSON.stringify([planned.changes, planned.stalledMs]);
    const outcome = known.get(key) ?? (yield* simulate(fleetFor(planned), finding, planned));
    known.set(key, outcome);
    told.push({ ...finding, effect: "why" in outcome ? unknown(finding, outcome.why) : simulatedEffect(finding, outcome, planned) });
  }
  return told;
}

/** The same at one go. */
export function effectsOf(view: ClusterView, findings: readonly Finding[]): readonly Finding[] {
  const steps = withEffects(view, findings);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

interface Ran {
  readonly input: FleetInput;
  readonly slow: readonly FixRun[];
  readonly quick: readonly FixRun[];
}

type Outcome = Ran | { readonly why: string };

interface Prepared {
  readonly input: FleetInput;
  /** Absent: the whole is run. */
  readonly sample: FleetSample | undefined;
}

/** The observed fleet, made once for all fixes that have to do with the same subnets. */
function fleetsOf(view: ClusterView): (planned: Simulated) => Prepared | { readonly why: string } {
  const made = new Map<string, Prepared | { readonly why: string }>();
  return (planned) => {
    const named = subnetsNamed(planned);
    const key = [...named].join(" ");
    const before = made.get(key);
    if (before !== undefined) return before;
    const fleet = fleetOf(view, named);
    const prepared = "why" in fleet ? fleet : { input: fleet.input, sample: sampleOf(fleet.input) };
    made.set(key, prepared);
    return prepared;
  };
}

function* simulate(fleet: Prepared | { readonly why: string }, { id }: Finding, planned: Simulated): Generator<EffectStep, Outcome> {
  if ("why" in fleet) return fleet;
  const { input } = fleet;
  const paces = pacesFor(input.initial?.nodes.length ?? 0);
  const slow: FixRun[] = [];
  const quick: FixRun[] = [];
  try {
    for (const [at, pace] of paces.entries()) {
      const run = yield* toldSteps(runAtPace(fleet, planned, pace), { finding: id, run: at + 1, runs: paces.length });
      (pace.ec2.throttling ? slow : quick).push(run);
    }
  } catch (error) {
    // Parts of different moments do not fit together: then nothing is said rather than something made up.
    if (error instanceof RangeError) return { why: `the parts of the snapshot do not fit together (${error.message})` };
    throw error;
  }
  return { input, slow, quick };
}

/** A sample of a large fleet does where it says for sure what the whole would do. */
function* runAtPace({ input, sample }: Prepared, { changes, stalledMs }: Simulated, pace: Pace): Generator<undefined, FixRun> {
  const order: FixOrder = { changes, pace, isStalled: stalledMs !== undefined };
  const isOfNodes = changes.some(({ kind }) => kind === "replace-nodes");
  if (sample === undefined || isOfNodes) return yield* runFix(input, order);
  const ofSample = yield* runFix(sample.input, { ...order, changes: onSample(sample, changes) });
  return wholeFleet(sample, ofSample) ?? (yield* runFix(input, order));
}

function* toldSteps<T>(steps: Generator<undefined, T>, told: EffectStep): Generator<EffectStep, T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    yield told;
  }
}

/** Subnets that the fix has ENIConfigs name. */
function subnetsNamed({ changes }: Simulated): ReadonlySet<string> {
  return new Set(changes.flatMap((change) => (change.kind === "set-eni-configs" ? Object.values(change.eniConfigs) : [])));
}

function simulatedEffect(
  { fix }: Finding,
  { input, slow, quick }: Ran,
  { changes, stalledMs = 0 }: Simulated,
): SimulatedEffect | UnknownEffect {
  const [first] = slow;
  if (first === undefined) throw new Error("a fix was run at no slow pace");
  const all = [...slow, ...quick];
  const subnets = input.subnets.map(({ id, name }, at) => ({
    id: id ?? name,
    freeBefore: first.freeBefore[at] ?? 0,
    freeAfter: first.freeAfter[at] ?? 0,
  }));
  const podsStarted = Math.max(0, first.waitingBefore - first.waitingAfter);
  const { needsNodeReplacement } = fix;
  const interval = (of: (run: FixRun) => number, lagSeconds: number): SecondsInterval => ({
    least: Math.floor(Math.min(...all.map(of))),
    most: Math.max(1, Math.ceil(Math.max(...all.map(of)) + lagSeconds)),
  });
  const isMoved = subnets.some(({ freeBefore, freeAfter }) => freeBefore !== freeAfter);
  const lagSeconds = stalledMs / 1_000;
  const effect = {
    subnets,
    addedAddresses: changes.reduce(
      (sum, change) => sum + (change.kind === "add-subnet" ? cidr4Size(change.subnet.cidr) - RESERVED_BY_AWS : 0),
      0,
    ),
    isExact: all.every((run) => String(run.freeAfter) === String(first.freeAfter)) && !movesPods(input, changes),
    ...(isMoved ? { withinSeconds: interval(({ movedAt }) => movedAt, lagSeconds) } : {}),
    podsStarted,
    ...(podsStarted > 0 ? { podsStartWithinSeconds: interval(({ startedAt }) => startedAt, lagSeconds + SANDBOX_RETRY_S) } : {}),
    podsDelayed: Math.max(...all.map((run) => run.podsDelayed)),
    needsNodeReplacement,
  };
  return { basis: "simulated", text: simulatedText(effect), ...effect };
}

/** Whether pods leave nodes that are replaced. */
function movesPods({ initial }: FleetInput, changes: Simulated["changes"]): boolean {
  const groups = new Set(changes.flatMap((change) => (change.kind === "replace-nodes" ? [change.group] : [])));
  return (
    initial?.nodes.some(({ group, pods, daemonPods, waitingPods }) => groups.has(group) && pods.length - daemonPods + waitingPods > 0) ===
    true
  );
}

function simulatedText(effect: Omit<SimulatedEffect, "basis" | "text">): string {
  const { podsStarted, podsStartWithinSeconds, podsDelayed, needsNodeReplacement } = effect;
  return [
    movedText(effect),
    ...(podsStartWithinSeconds === undefined
      ? []
      : [`${counted(podsStarted, "waiting pod starts", "waiting pods start")} within ${spanText(podsStartWithinSeconds)}`]),
    `${counted(podsDelayed, "pod")} delayed`,
    replacementText(needsNodeReplacement),
  ].join("; ");
}

/** What is known, or not, without a simulation. */
export function statedEffect(finding: Finding, planned: Exclude<PlannedEffect, Simulated>): StatedEffect | UnknownEffect {
  switch (planned.kind) {
    case "nothing-moves": {
      const { needsNodeReplacement } = finding.fix;
      const { podsToRestart = 0 } = planned;
      const restarts = podsToRestart === 0 ? [] : [`${counted(podsToRestart, "pod has", "pods have")} to be made again`];
      const text = ["no addresses move", "0 pods delayed", ...restarts, replacementText(needsNodeReplacement)].join("; ");
      return { basis: "stated", text, subnets: [], podsStarted: 0, podsDelayed: 0, needsNodeReplacement };
    }
    case "unknown":
      return unknown(finding, planned.why);
    default:
      return planned satisfies never;
  }
}

function unknown({ fix: { needsNodeReplacement } }: Finding, why: string): UnknownEffect {
  const text = `not simulated: ${why}; ${replacementText(needsNodeReplacement)}`;
  return { basis: "unknown", text, subnets: null, podsStarted: null, podsDelayed: null, needsNodeReplacement, why };
}
