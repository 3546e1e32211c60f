import { nearestName } from "@slash28/ipam";

/** One thing wrong with a cluster file: where, as a path into the document, and what to do about it. */
export interface ClusterFileProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** The name of the field itself is wrong, not its value. */
  readonly isAboutKey?: true;
}

/** `; did you mean web?`, or a list of what there is. */
export function meant(given: string, known: readonly string[]): string {
  const near = nearestName(given, known);
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length === 0 ? "" : ` (there ${known.length === 1 ? "is" : "are"} ${known.join(", ")})`;
}
