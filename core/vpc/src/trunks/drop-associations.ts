import type { EniId } from "@slash28/address";
import type { State } from "../cloud/state.ts";
import type { TrunkAssociation } from "./trunk.ts";

/** Ends an association: the branch is a plain, free ENI again. */
export function dropAssociation(state: State, association: TrunkAssociation): void {
  state.trunkAssociations.delete(association.id);
  const branch = state.enis.get(association.branchId);
  if (branch !== undefined) state.enis.put({ ...branch, kind: "interface", status: "available" });
}

/** Ends all associations of a trunk: its instance is gone. */
export function dropTrunkAssociations(state: State, trunkId: EniId): void {
  for (const association of state.trunkAssociations.where((row) => row.trunkId === trunkId)) dropAssociation(state, association);
}
