import { CHECKS } from "../findings/index.ts";
import { commandFor, PARTS } from "./parts.ts";
import type { Snapshot, SnapshotPart } from "./snapshot.ts";

/** A part that a snapshot does not have, and what that costs. */
export interface MissingPart {
  readonly part: SnapshotPart;
  /** As people call it. */
  readonly title: string;
  /** Findings that cannot be made without it. */
  readonly hides: readonly string[];
  /** Findings that are made, with less evidence. */
  readonly weakens: readonly string[];
  /** The command whose output would fill it. */
  readonly command: string;
}

/** Which parts are absent, in the order of the table of parts; those that no finding asks for are left out. */
export function missing(snapshot: Snapshot): readonly MissingPart[] {
  const parts = (Object.keys(PARTS) as SnapshotPart[]).filter((part) => snapshot[part] === undefined);
  return parts.flatMap((part) => {
    const hides = CHECKS.filter(({ needs }) => needs.includes(part)).map(({ id }) => id);
    const weakens = CHECKS.filter(({ uses }) => uses.includes(part)).map(({ id }) => id);
    if (hides.length === 0 && weakens.length === 0) return [];
    return [{ part, title: PARTS[part].title, hides, weakens, command: commandFor(part, snapshot) }];
  });
}
