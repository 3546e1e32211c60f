import { read, type Reading } from "../problem.ts";
import type { KubeletWishes } from "./settings.ts";

/** A field of a document, and what it says of kubelet. */
export type FieldReader = readonly [field: string, reader: (value: unknown) => Reading<KubeletWishes>];

/** Reads the fields that have a reader, in the readers' order; a field that is not there, or null, says nothing. */
export function readFields(document: Readonly<Record<string, unknown>>, readers: readonly FieldReader[]): Reading<KubeletWishes> {
  let wishes: KubeletWishes = {};
  for (const [field, reader] of readers) {
    const value = document[field];
    if (value === undefined || value === null) continue;
    const said = reader(value);
    if (!said.ok) return said;
    wishes = { ...wishes, ...said.value };
  }
  return read(wishes);
}

/** One setting, where it could be read. */
export function wish<K extends keyof KubeletWishes>(key: K, value: Reading<NonNullable<KubeletWishes[K]>>): Reading<KubeletWishes> {
  return value.ok ? read({ [key]: value.value }) : value;
}
