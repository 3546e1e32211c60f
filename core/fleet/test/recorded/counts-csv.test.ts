import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { podEventsOf, readCountsCsv, type CountsFromCsv } from "../../src/index.ts";

const changes = (read: CountsFromCsv): unknown => (read.ok ? read.workload.changes.map(({ atMs, pods }) => [atMs, pods]) : read.problems);
const problems = (text: string): unknown => {
  const read = readCountsCsv(text);
  return read.ok ? [] : read.problems.map(({ line, message }) => `${line}: ${message}`);
};

describe("a record of counts", () => {
  test("has seconds since its start, with a heading, comments, spaces and any line ends", () => {
    const read = readCountsCsv("\uFEFFtime,change,count\r\n# taken on Monday\r\n0, +, 5\r\n\r\n1.5,-,2\r\n60,+,1\r\n", "monday");
    expect(read).toMatchObject({ ok: true, durationMs: 60_000, workload: { kind: "recorded", name: "monday" } });
    expect(changes(read)).toEqual([
      [0, 5],
      [1_500, -2],
      [60_000, 1],
    ]);
  });

  test("has ISO times or Unix seconds, counted from its first line", () => {
    const wanted = [
      [0, 3],
      [90_500, -1],
    ];
    expect(changes(readCountsCsv("2026-03-01T23:59:00Z,+,3\n2026-03-02T01:00:30.5+01:00,-,1"))).toEqual(wanted);
    expect(changes(readCountsCsv("1772409600,+,3\n1772409690.5,-,1\n"))).toEqual(wanted);
  });

  test.each([
    ["", "1: there is nothing in it: write time,+,count"],
    ["0,+", '1: "0,+" has 2 fields, not 3: write'],
    ["0,+,1\nnoon,+,1", '2: "noon" is no time: write'],
    ["2026-02-30T00:00:00Z,+,1", '1: "2026-02-30T00:00:00Z" is no time: write'],
    ["-5,+,1", '1: "-5" is no time: write'],
    ["0,*,1", '1: "*" is neither + nor -: write'],
    ["0,+,1.5", '1: "1.5" is not a number of pods: write'],
    ["0,+,-1", '1: "-1" is not a number of pods: write'],
    ["5,+,1\n# late\n4,+,1", "3: it is earlier than line 1: sort the lines by time"],
    ["0,+,2\n1,-,3", "2: it ends 3 pods when 2 run: a record begins with the pods that run"],
    ["0,+,2\n2026-03-01T00:00:00Z,-,1", "2: its time is counted from another day than that of line 1"],
  ])("%j is refused with the line and what to do", (text, wanted) => {
    expect(problems(text)).toEqual([expect.stringContaining(wanted)]);
  });

  test("tells all lines that cannot be read at once", () => {
    expect(problems("a,+,1\n0,+,1\n1,+,x")).toHaveLength(2);
  });

  property.prop([
    fc.array(fc.record({ afterMs: fc.nat(100_000), pods: fc.integer({ min: 1, max: 9 }), isEnd: fc.boolean() }), { minLength: 1 }),
  ])("is read back as it was written, and has as many events as pods", (steps) => {
    let [atMs, running] = [0, 0];
    const rows = steps.map(({ afterMs, pods, isEnd }): [number, number] => {
      atMs += afterMs;
      const change = isEnd && running >= pods ? -pods : pods;
      running += change;
      return [atMs, change];
    });
    const read = readCountsCsv(rows.map(([at, pods]) => `${at / 1000},${pods < 0 ? "-" : "+"},${Math.abs(pods)}`).join("\n"));
    expect(changes(read)).toEqual(rows);
    if (!read.ok) return;
    const source = podEventsOf(read.workload, { seed: 1 });
    let wanted = 0;
    for (let next = source.next(); next.done !== true; next = source.next()) wanted += next.value.kind === "start" ? 1 : -1;
    expect(wanted).toBe(running);
  });

  property.prop([fc.string()])("that is anything else never throws", (text) => {
    expect(readCountsCsv(text)).toHaveProperty("ok");
  });
});
