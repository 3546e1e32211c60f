import { afterRefusal, capacityRefusalOf, type BlockKind, type CapacityScope } from "@slash28/ipam";
import type { Fault } from "@slash28/ports";
import type { Node } from "../node.ts";

/** Remembers that a subnet could not give what was asked of it. Faults of another kind change nothing. */
export function recordRefusal(
  node: Node,
  fault: Fault,
  asked: { readonly scope: CapacityScope; readonly of: BlockKind; readonly asked: number },
  { waiting, now }: { readonly waiting: number; readonly now: number },
): void {
  const why = capacityRefusalOf(fault.code);
  if (why !== undefined) node.capacity = afterRefusal(node.capacity, { ...asked, why }, waiting, now);
}
