import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import type { Table } from "./table.ts";

/** The object, or the refusal that says it is unknown. */
export function find<Id extends string, T extends { readonly id: Id }>(
  table: Table<Id, T>,
  id: Id,
  unknown: (id: string) => Ec2Error,
): Ec2Result<T> {
  const row = table.get(id);
  return row === undefined ? refuse(unknown(id)) : ok(row);
}

/** The objects named, each once, in the order of the table's making when none is named. */
export function findAll<Id extends string, T extends { readonly id: Id }>(
  table: Table<Id, T>,
  ids: readonly Id[] | undefined,
  unknown: (id: string) => Ec2Error,
): Ec2Result<readonly T[]> {
  if (ids === undefined) return ok([...table.values()]);
  const rows: T[] = [];
  for (const id of new Set(ids)) {
    const row = table.get(id);
    if (row === undefined) return refuse(unknown(id));
    rows.push(row);
  }
  return ok(rows);
}
