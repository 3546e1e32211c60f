import type { FleetInput } from "@slash28/fleet";
import type { Finding } from "../finding.ts";
import { checkNamed } from "../findings/index.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { fleetOf } from "./fleet-of-snapshot.ts";
import { pacesFor, type Pace } from "./pace.ts";
import { runFix, type FixOrder, type FixRun } from "./run-fix.ts";
import { simulatedEffect, statedEffect, unknown, type Ran, type Simulated } from "./told-effect.ts";
import { onSample, sampleOf, wholeFleet, type FleetSample } from "./sample.ts";

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
