import type { PlannedEffect } from "../effect/planned-effect.ts";
import type { Evidence, Finding, FindingObject, Severity } from "../finding.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import type { SnapshotPart } from "../snapshot/snapshot.ts";

/** One occurrence of a finding: all of it but what every occurrence shares. */
export type Found = Pick<Finding, "objects" | "evidence" | "cause" | "fix"> & {
  /** Where it differs from the check's own. */
  readonly severity?: Severity;
};

/** Something that is looked for. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** What it is, why it hurts, how it is found: for `slash28 explain`. */
  readonly explain: string;
  /** Without one of these parts it is not looked for. */
  readonly needs: readonly SnapshotPart[];
  /** Parts that make it surer, or tell more of it. */
  readonly uses: readonly SnapshotPart[];
  readonly find: (view: ClusterView) => readonly Found[];
  /** What its fix does to addresses and waiting pods, or how that is found out. */
  readonly effect: (view: ClusterView, finding: Finding) => PlannedEffect;
}

export function fact(text: string, value?: number | string): Evidence {
  return value === undefined ? { text } : { text, value };
}

/** A Kubernetes object as a finding names it. */
export function objectOf(kind: string, { namespace, name }: { readonly namespace?: string; readonly name: string }): FindingObject {
  return { kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** A list for a sentence: the first few, and how many more. */
export function named(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
