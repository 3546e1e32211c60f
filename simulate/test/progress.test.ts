import { expect, test } from "vitest";
import { Progress } from "../src/work/progress.ts";

function progress(isTerminal: boolean): { readonly said: string[]; readonly at: (ms: number) => Progress } {
  const said: string[] = [];
  let now = 0;
  const shown = new Progress({ of: "seeds", total: 100, write: (text) => void said.push(text), isTerminal, now: () => now });
  return {
    said,
    at(ms) {
      now = ms;
      return shown;
    },
  };
}

test("short work says nothing; long work says how far it is and how long the rest takes", () => {
  const { said, at } = progress(false);
  at(900).done(1_000);
  expect(said).toEqual([]);
  at(2_000).done(1_000);
  at(3_000).done(1_000);
  at(13_000).done(9_000);
  expect(said).toEqual([
    "2 of 100 seeds, 2000 steps, 1000 a second, 1 min 38 s left\n",
    "4 of 100 seeds, 12000 steps, 923 a second, 5 min 12 s left\n",
  ]);
});

test("on a terminal one line is written over, and makes room for what must be said", () => {
  const { said, at } = progress(true);
  at(1_500).done(3_000);
  at(1_600).say("seed 7 broke something");
  at(1_700).end();
  expect(said).toEqual(["\r\u001B[K1 of 100 seeds, 3000 steps, 2000 a second, 2 min 29 s left", "\r\u001B[K", "seed 7 broke something\n"]);
});
