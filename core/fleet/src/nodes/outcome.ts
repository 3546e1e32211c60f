import type { FaultCode } from "@slash28/ports";

/** What became of a step for a node's pool. */
export type Outcome =
  | { readonly kind: "done" }
  /** There was nothing to do after all. */
  | { readonly kind: "nothing" }
  | { readonly kind: "fault"; readonly fault: FaultCode };

export const DONE: Outcome = { kind: "done" };
export const NOTHING: Outcome = { kind: "nothing" };

export function failed(fault: FaultCode): Outcome {
  return { kind: "fault", fault };
}
