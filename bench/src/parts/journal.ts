import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createFileJournal } from "@slash28/linux";
import { atOnce, elapsedMsOf, type Bench } from "../bench.ts";
import { spread } from "../figures/percentiles.ts";

const ENTRIES = 330;
/** About as long as the agent's line for a pod. */
const ENTRY = JSON.stringify({
  reserve: "aws-cni/0123456789abcdef/eth0",
  address: "10.0.0.64",
  eni: "eni-0123456789abcdef0",
  at: 1_700_000_000_000,
}).padEnd(320);

/** The file journal: an entry is durable when its `append` resolves. */
export const journal: Bench = {
  name: "journal",
  about: "adapters/linux: journal entries made durable, one at a time and 16 at once",
  needs: "nothing",
  async run({ say, folder }) {
    say("appending to a journal");
    mkdirSync(folder, { recursive: true });
    const file = createFileJournal(join(folder, "bench.journal"));
    const entries = Array.from({ length: ENTRIES }, () => ENTRY);
    const append = (entry: string): Promise<number> => elapsedMsOf(() => file.append(entry));
    try {
      const single = await atOnce(entries, 1, append);
      const shared = await atOnce(entries, 16, append);
      return [
        ...spread("append, one at a time", single, { note: `${ENTRIES} entries, fdatasync each` }),
        ...spread("append, 16 at once", shared, { note: "entries share a flush" }),
      ];
    } finally {
      await file.close();
    }
  },
};
