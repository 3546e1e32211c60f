import { createFileJournal } from "@slash28/linux/journal";
import type { Journal } from "@slash28/ports";
import { createRandom, Timeline } from "@slash28/simulation";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Life } from "../src/world/life.ts";
import { MemoryDisk } from "../src/world/memory-disk.ts";

type Act =
  | { readonly kind: "append" | "rewrite" | "wait" }
  /** The process is killed and the machine loses power; then another process starts. */
  | { readonly kind: "crash" };

const acts = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 8, arbitrary: fc.constant("append" as const) },
      { weight: 1, arbitrary: fc.constant("rewrite" as const) },
      { weight: 5, arbitrary: fc.constant("wait" as const) },
      { weight: 1, arbitrary: fc.constant("crash" as const) },
    ),
  }) satisfies fc.Arbitrary<Act>,
  { maxLength: 60 },
);

const drained = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** What a journal may hold: what it surely has, and what was asked of it since and may be on the disk or not. */
class Expected {
  sure: readonly string[] = [];
  readonly asked: (readonly string[])[] = [];

  /** Asks for another content. */
  next(content: readonly string[]): { readonly acknowledged: () => void } {
    this.asked.push(content);
    return {
      acknowledged: () => {
        this.sure = content;
        this.asked.splice(0, this.asked.indexOf(content) + 1);
      },
    };
  }

  get latest(): readonly string[] {
    return this.asked.at(-1) ?? this.sure;
  }
}

test("whatever is appended, rewritten and cut off: what was acknowledged is there, in order, and nothing that was not asked for", async () => {
  await fc.assert(
    fc.asyncProperty(acts, fc.integer(), async (some, seed) => {
      const timeline = new Timeline(0);
      const random = createRandom("journal", seed);
      const disk = new MemoryDisk({ timeline, random, isBroken: () => false });
      const start = (): { readonly life: Life; readonly journal: Journal } => {
        const life = new Life(() => undefined);
        return { life, journal: createFileJournal("/pool.journal", disk.filesOf(life)) };
      };
      let { life, journal } = start();
      let expected = new Expected();
      let count = 0;
      const check = async (): Promise<void> => {
        const { entries, damage } = await journal.load();
        expect(damage).toBeUndefined();
        expect([expected.sure, ...expected.asked]).toContainEqual(entries);
        expected = new Expected();
        expected.sure = entries;
      };
      for (const { kind } of some) {
        if (kind === "append" || kind === "rewrite") {
          const entry = `entry ${count++}`;
          const isAppend = kind === "append";
          const { acknowledged } = expected.next(isAppend ? [...expected.latest, entry] : [entry]);
          void (isAppend ? journal.append(entry) : journal.rewrite([entry])).then(() => acknowledged());
        } else if (kind === "wait") {
          timeline.advance()?.fire();
          await drained();
        } else {
          life.end();
          disk.tear(random);
          ({ life, journal } = start());
          await check();
        }
      }
      await drained();
      for (let event = timeline.advance(); event !== undefined; event = timeline.advance()) {
        event.fire();
        await drained();
      }
      await drained();
      expect(expected.asked).toEqual([]);
      await check();
    }),
    { numRuns: 300 },
  );
}, 60_000);
