import { Fault, type Journal } from "@slash28/ports";

/** A journal in memory whose disk can break or lose power. */
export interface MemoryJournal extends Journal {
  /** What a reader would find now. */
  readonly lines: readonly string[];
  /** What is wrong behind the lines. */
  damage: string | undefined;
  /** `broken`: writes fail. `dead`: writes never end and change nothing, as when the process was killed. */
  state: "well" | "broken" | "dead";
  /** Called with the number of appends so far, before each is made; may change `state`. */
  beforeAppend: (count: number) => void;
}

export function createMemoryJournal(lines: readonly string[] = []): MemoryJournal {
  let kept = [...lines];
  let appends = 0;
  const write = async (change: () => void): Promise<void> => {
    if (journal.state === "dead") await new Promise<never>(() => undefined);
    if (journal.state === "broken") throw new Fault("JOURNAL_FAILED", { path: "memory", detail: "the disk is broken" });
    change();
  };
  const journal: MemoryJournal = {
    get lines() {
      return kept;
    },
    damage: undefined,
    state: "well",
    beforeAppend: () => undefined,
    load: async () => ({ entries: [...kept], ...(journal.damage === undefined ? {} : { damage: journal.damage }) }),
    keepCopy: async () => "memory.damaged",
    append(entry) {
      journal.beforeAppend(appends++);
      return write(() => void kept.push(entry));
    },
    rewrite: (entries) => write(() => void (kept = [...entries])),
    close: async () => undefined,
  };
  return journal;
}
