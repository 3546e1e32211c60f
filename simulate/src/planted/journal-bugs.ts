import type { Journal } from "@slash28/ports";
import type { PlantedBug } from "./planted-bug.ts";

const isReserve = (line: string): boolean => line.includes('"kind":"reserve"');

/** A journal that keeps less than it says. */
export const JOURNAL_BUGS: readonly PlantedBug[] = [
  {
    name: "journal-keeps-nothing",
    about: "lines are acknowledged and not stored",
    journal: (journal) => ({ ...journal, append: async () => undefined }),
  },
  {
    name: "answers-before-the-flush",
    about: "a pod is answered before its line is on the disk",
    journal: (journal) => ({
      ...journal,
      append: async (line) => void journal.append(line).catch(() => undefined),
    }),
  },
  {
    name: "forgets-rests-at-a-restart",
    about: "when an address was released is not read back",
    journal: (journal) => ({ ...journal, load: async () => ({ entries: (await journal.load()).entries.map(withoutRests) }) }),
  },
  {
    name: "forgets-releases",
    about: "releases are not recorded, so that a restart finds addresses held twice",
    journal: (journal) => ({
      ...journal,
      append: (line) => (line.includes('"kind":"release"') ? Promise.resolve() : journal.append(line)),
    }),
  },
  {
    name: "intent-not-recorded",
    about: "addresses are handed back to EC2 without a record of it",
    journal: (journal) => ({ ...journal, append: (line) => (line.includes('"step":') ? Promise.resolve() : journal.append(line)) }),
  },
  {
    name: "loses-a-line-when-it-rewrites",
    about: "the rewritten journal lacks its newest reservation",
    journal: (journal) => ({ ...journal, rewrite: (lines) => journal.rewrite(withoutLast(lines)) }),
  },
];

function withoutRests(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  if (entry["kind"] === "release") return JSON.stringify({ ...entry, at: 0 });
  return entry["kind"] === "snapshot" ? JSON.stringify({ ...entry, released: [] }) : line;
}

function withoutLast(lines: Parameters<Journal["rewrite"]>[0]): readonly string[] {
  const last = lines.findLastIndex(isReserve);
  return lines.filter((_, index) => index !== last);
}
