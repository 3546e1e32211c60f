import { withEffects, type EffectStep } from "./effect/with-effects.ts";
import { SEVERITIES, type Finding } from "./finding.ts";
import { CHECKS } from "./findings/index.ts";
import type { Check } from "./findings/check.ts";
import { ClusterView } from "./snapshot/cluster-view.ts";
import { missing, type MissingPart } from "./snapshot/missing.ts";
import type { SnapshotNotice } from "./snapshot/documents.ts";
import type { Snapshot } from "./snapshot/snapshot.ts";

/** What is wrong with a cluster, as far as its snapshot tells. */
export interface Diagnosis {
  /** The most severe first. */
  readonly findings: readonly Finding[];
  /** What could not be looked at. */
  readonly missing: readonly MissingPart[];
  /** What of the documents could not be read. */
  readonly notices: readonly SnapshotNotice[];
}

/** Looks for everything in the table of checks that the snapshot has the parts for, and tells what each fix would do. */
export function diagnose(snapshot: Snapshot, notices: readonly SnapshotNotice[] = []): Diagnosis {
  const steps = diagnosing(snapshot, notices);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, step by step: simulating the fixes of a large fleet takes seconds. */
export function* diagnosing(snapshot: Snapshot, notices: readonly SnapshotNotice[] = []): Generator<EffectStep, Diagnosis> {
  const view = new ClusterView(snapshot);
  return { findings: yield* withEffects(view, findingsOf(view)), missing: missing(snapshot), notices };
}

/** The findings alone, without their effects; the most severe first. */
export function findingsIn(snapshot: Snapshot): readonly Finding[] {
  return findingsOf(new ClusterView(snapshot));
}

/** The same, of a snapshot that is joined up already. */
export function findingsOf(view: ClusterView): readonly Finding[] {
  const { snapshot } = view;
  const findings = CHECKS.filter(({ needs }) => needs.every((part) => snapshot[part] !== undefined)).flatMap((check) => run(check, view));
  return findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function run({ id, title, severity, find }: Check, view: ClusterView): readonly Finding[] {
  return find(view).map((found) => ({ id, title, ...found, severity: found.severity ?? severity }));
}
