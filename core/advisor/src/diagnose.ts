import { simulateEffects } from "./effect/simulate-effect.ts";
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

/** Looks for everything in the table of checks that the snapshot has the parts for, and tells what the fixes would do where a simulation can. */
export function diagnose(snapshot: Snapshot, notices: readonly SnapshotNotice[] = []): Diagnosis {
  return { findings: simulateEffects(snapshot, findingsIn(snapshot)), missing: missing(snapshot), notices };
}

/** The findings alone, the most severe first. */
export function findingsIn(snapshot: Snapshot): readonly Finding[] {
  const view = new ClusterView(snapshot);
  const findings = CHECKS.filter(({ needs }) => needs.every((part) => snapshot[part] !== undefined)).flatMap((check) => run(check, view));
  return findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function run({ id, title, severity, find }: Check, view: ClusterView): readonly Finding[] {
  return find(view).map((found) => ({ id, title, ...found, severity: found.severity ?? severity }));
}
