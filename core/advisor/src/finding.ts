import type { FixEffect } from "./effect.ts";

/** `critical`: pods fail now. `warning`: they will, or traffic or money is lost. `info`: against good practice. */
export type Severity = "critical" | "warning" | "info";

/** Most severe first. */
export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

/** Something a finding is about: a Kubernetes object or an AWS resource. */
export interface FindingObject {
  /** `Pod`, `Node`, `Subnet`, `Instance`. */
  readonly kind: string;
  /** Absent for what has none. */
  readonly namespace?: string;
  /** Its name or id. */
  readonly name: string;
}

/** One fact that proves a finding. */
export interface Evidence {
  /** A sentence a person understands, with the number in it. */
  readonly text: string;
  /** The number or word alone, for programs. */
  readonly value?: number | string;
}

export interface Fix {
  /** To be pasted into a shell, in this order; `<…>` stands for what only the reader knows. */
  readonly commands: readonly string[];
  /** What may go wrong, or what it costs. */
  readonly risk: string;
  /** Whether it takes hold on new nodes only. */
  readonly needsNodeReplacement: boolean;
}

/** Something wrong with a cluster: what, the proof, why, and what to do. */
export interface Finding {
  /** In kebab case: `subnet-full`. Several findings of one diagnosis may have the same. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly objects: readonly FindingObject[];
  readonly evidence: readonly Evidence[];
  /** Two sentences. */
  readonly cause: string;
  readonly fix: Fix;
  /** What the fix does to addresses and waiting pods; absent where only the findings were asked for. */
  readonly effect?: FixEffect;
}
