import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { LabEvent } from "../../src/control/index.ts";
import { openFileState } from "../../src/state/index.ts";
import { createEventBook, EVENTS_MAX, type EventBook } from "../../src/supervisor/event-book.ts";

const folder = mkdtempSync(join(tmpdir(), "events-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const clock = { now: () => Date.parse("2030-01-31T12:00:00Z") };
const linesKept = (): number => readFileSync(join(folder, "events.jsonl"), "utf8").split("\n").length - 1;

function record(book: EventBook, from: number, to: number): void {
  for (let index = from; index < to; index++) book.record("node-joined", `node-${index}`, "joined");
}

test("the newest events are there, also after a restart, and what is kept of them stays small", () => {
  const state = openFileState(folder);
  state.markComplete();
  const book = createEventBook(clock, state.log<LabEvent>("events"));
  record(book, 0, 1_500);
  expect(book.all()).toHaveLength(EVENTS_MAX);
  expect(book.all()[0]).toEqual({ at: "2030-01-31T12:00:00.000Z", kind: "node-joined", object: "node-500", message: "joined" });
  const before = book.all();
  state.close();

  const restored = openFileState(folder);
  const after = createEventBook(clock, restored.log<LabEvent>("events"));
  expect(after.all()).toEqual(before);
  record(after, 1_500, 5_000);
  expect(after.all().map(({ object }) => object)).toEqual(Array.from({ length: EVENTS_MAX }, (_, index) => `node-${index + 4_000}`));
  expect(linesKept()).toBeLessThan(2 * EVENTS_MAX);
  restored.close();
});
