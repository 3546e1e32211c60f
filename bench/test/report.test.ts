import { expect, test } from "vitest";
import { isMet, type Figure } from "../src/figures/figure.ts";
import { figureTable, readable } from "../src/figures/figure-table.ts";
import { reportJson, type Report } from "../src/figures/report.ts";

const FIGURES: readonly Figure[] = [
  { name: "ADD p50", value: 3.216, unit: "ms", aim: { most: 5 }, note: "330 calls" },
  { name: "ADD p99", value: 31.04, unit: "ms", aim: { most: 25 } },
  { name: "requests", value: 5190.4, unit: "/s" },
];
const REPORT: Report = {
  measuredAt: "2030-01-31T12:00:00.000Z",
  machine: { cpu: "a processor", cores: 2, memoryGb: 8, kernel: "6.1", node: "20.19.0", loadBefore: 0.1 },
  results: [
    { bench: "cni", outcome: { kind: "measured", figures: FIGURES }, tookMs: 12_345.6 },
    { bench: "lab", outcome: { kind: "skipped", why: "it needs root" }, tookMs: 0.2 },
    { bench: "pods", outcome: { kind: "failed", why: "3 of 110 pods were Running" }, tookMs: 5 },
  ],
};

test("an aim is met at its very edge, from either side", () => {
  expect(isMet({ value: 5, aim: { most: 5 } })).toBe(true);
  expect(isMet({ value: 5.01, aim: { most: 5 } })).toBe(false);
  expect(isMet({ value: 100, aim: { least: 100 } })).toBe(true);
  expect(isMet({ value: 99, aim: { least: 100 } })).toBe(false);
  expect(isMet({ value: 99 })).toBeUndefined();
});

test("the table names what was measured, aimed at and met, then what is missing", () => {
  expect(figureTable(REPORT)).toMatchInlineSnapshot(`
    "BENCH   FIGURE       VALUE   AIM       MET   NOTE
    cni     ADD p50    3.22 ms   ≤ 5 ms    yes   330 calls
    cni     ADD p99    31.0 ms   ≤ 25 ms   no
    cni     requests   5190 /s
    lab was skipped: it needs root
    pods failed: 3 of 110 pods were Running"
  `);
});

test("a report without figures has no table head", () => {
  expect(figureTable({ results: REPORT.results.slice(1, 2) })).toBe("lab was skipped: it needs root");
});

test("numbers keep three digits", () => {
  expect([0, 0.0012, 0.33, 4.005, 12.34, 123.4, 5190.4].map(readable)).toEqual(["0.00", "0.0012", "0.33", "4.00", "12.3", "123", "5190"]);
});

test("the JSON says of each figure with an aim whether it is met", () => {
  const { machine, results } = JSON.parse(reportJson(REPORT)) as { machine: object; results: { figures?: { met?: boolean }[] }[] };
  expect(machine).toEqual(REPORT.machine);
  expect(results[0]?.figures?.map(({ met }) => met)).toEqual([true, false, undefined]);
  expect(results[1]).toEqual({ bench: "lab", tookMs: 0, kind: "skipped", why: "it needs root" });
});
