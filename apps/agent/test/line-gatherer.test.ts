import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { gatherLines } from "../src/report/line-gatherer.ts";

test("lines of one turn are written together, in order, and those of the next turn after them", async () => {
  const written: string[] = [];
  const lines = gatherLines((text) => written.push(text));
  lines.write("a\n");
  await Promise.resolve();
  lines.write("b\n");
  expect(written).toEqual([]);
  await nextTurn();
  lines.write("c\n");
  await nextTurn();
  expect(written).toEqual(["a\nb\n", "c\n"]);
});

test("what waits is written before the end, once", async () => {
  const written: string[] = [];
  const lines = gatherLines((text) => written.push(text));
  lines.write("last words\n");
  lines.flush();
  await nextTurn();
  expect(written).toEqual(["last words\n"]);
});
