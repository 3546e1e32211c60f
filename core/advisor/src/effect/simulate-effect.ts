import { simulateFleet, type FleetChange, type FleetResult } from "@slash28/fleet";
import type { SimulatedEffect, SubnetEffect } from "../effect.ts";
import type { Finding } from "../finding.ts";
import { checkNamed } from "../findings/index.ts";
import { counted, named } from "../findings/check.ts";
import { ClusterView } from "../snapshot/cluster-view.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { FIX_AT_MS } from "./fix-time.ts";
import { fleetOf } from "./fleet-of-snapshot.ts";

const DURATION_MS = 1_800_000;
/** Nodes are replaced a tenth at a time, some minutes each. */
const REPLACEMENT_MS = 7_200_000;
/** Freed addresses below this share of all still to come count as all. */
const ALL_BUT = 0.02;

/**
 * Tells of every finding whose fix a simulation can judge what the fix would do: the fleet as observed, with no pods coming or going, thirty minutes (two
 * hours where nodes are replaced) on, once as it is and once with the fix. Other findings come back as they are.
 */
export function simulateEffects(snapshot: Snapshot, findings: readonly Finding[]): readonly Finding[] {
  const view = new ClusterView(snapshot);
  const asItIs = new Map<number, FleetResult | undefined>();
  return findings.map((finding) => {
    const changes = checkNamed(finding.id)?.fleetFix?.(view, finding) ?? [];
    if (changes.length === 0) return finding;
    const durationMs = changes.some(({ kind }) => kind === "replace-nodes") ? REPLACEMENT_MS : DURATION_MS;
    const without = asItIs.has(durationMs) ? asItIs.get(durationMs) : run(view, durationMs, []);
    asItIs.set(durationMs, without);
    const withFix = without === undefined ? undefined : run(view, durationMs, changes);
    return without === undefined || withFix === undefined ? finding : { ...finding, effect: effectOf(finding, without, withFix) };
  });
}

/** `undefined`: the snapshot does not hold together well enough to be simulated; then nothing is said rather than something made up. */
function run(view: ClusterView, durationMs: number, changes: readonly FleetChange[]): FleetResult | undefined {
  const input = fleetOf(view, durationMs, changes);
  if (input === undefined) return undefined;
  try {
    return simulateFleet(input);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function effectOf(finding: Finding, without: FleetResult, withFix: FleetResult): SimulatedEffect {
  const { needsNodeReplacement } = finding.fix;
  // A subnet that the fix adds is in the second run alone: nothing of it is freed.
  const subnets = without.summary.subnets.flatMap((before, at): readonly SubnetEffect[] => {
    const after = withFix.summary.subnets[at];
    return after === undefined ? [] : [{ id: before.id, freeBefore: before.free, freeAfter: after.free }];
  });
  const freed = subnets.filter(({ freeBefore, freeAfter }) => freeAfter > freeBefore);
  const podsStarted = Math.max(0, without.summary.podsNeverStarted - withFix.summary.podsNeverStarted);
  const podsDelayed = Math.max(0, withFix.summary.podsDelayedByAddresses - without.summary.podsDelayedByAddresses);
  const withinSeconds = freed.length === 0 ? undefined : secondsUntilFreed(withFix, subnets.length);
  const base = { subnets, podsStarted, podsDelayed, needsNodeReplacement, ...(withinSeconds === undefined ? {} : { withinSeconds }) };
  return { text: sentence(freed, base), ...base };
}

/** When nearly all that goes back is back, from the moment of the fix. */
function secondsUntilFreed({ series, summary }: FleetResult, subnets: number): number {
  const used = series.map((row) => row.subnets.slice(0, subnets).reduce((sum, subnet) => sum + subnet.used, 0));
  const [least, most] = [used.at(-1) ?? 0, Math.max(...used)];
  const enough = least + (most - least) * ALL_BUT;
  const from = FIX_AT_MS / 1_000;
  const row = series.find(({ atSeconds }, at) => atSeconds >= from && used.slice(at).every((each) => each <= enough));
  return Math.max(1, (row?.atSeconds ?? summary.durationSeconds) - from);
}

function sentence(freed: readonly SubnetEffect[], effect: Omit<SimulatedEffect, "text">): string {
  const where = freed.map(({ id, freeBefore, freeAfter }) => `${freeAfter - freeBefore} addresses in ${id}`);
  const minutes = Math.max(1, Math.ceil((effect.withinSeconds ?? 0) / 60));
  return [
    freed.length === 0 ? "frees no addresses" : `frees ${named(where)} within ${minutes} min`,
    ...(effect.podsStarted > 0 ? [`${counted(effect.podsStarted, "waiting pod")} start`] : []),
    `${counted(effect.podsDelayed, "pod")} delayed`,
    `needs node replacement: ${effect.needsNodeReplacement ? "yes" : "no"}`,
  ].join("; ");
}
