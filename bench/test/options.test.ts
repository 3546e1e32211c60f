import { expect, test } from "vitest";
import { parseOptions } from "../src/options.ts";

const KNOWN = ["allocator", "ipam", "cni"];
const parse = (...args: string[]) => parseOptions(args, KNOWN);

test("without options everything runs and a table is printed", () => {
  expect(parse()).toEqual({ kind: "run", benches: KNOWN, output: "table" });
});

test("a long one runs only when it is named", () => {
  expect(parseOptions([], KNOWN, ["ipam"])).toMatchObject({ benches: ["ipam"] });
  expect(parseOptions(["--only", "cni"], KNOWN, ["ipam"])).toMatchObject({ benches: ["cni"] });
});

test("--only chooses; the order stays the one of the list", () => {
  expect(parse("--only", "cni,allocator")).toEqual({ kind: "run", benches: ["allocator", "cni"], output: "table" });
  expect(parse("--only", "cni", "--only=cni, ipam")).toEqual({ kind: "run", benches: ["ipam", "cni"], output: "table" });
});

test("the output is a table or JSON", () => {
  expect(parse("-o", "json")).toMatchObject({ output: "json" });
  expect(parse("--output=xml")).toEqual({ kind: "wrong", why: "--output is one of table, json, not xml" });
});

test("help wins over everything that is well-formed", () => {
  expect(parse("--only", "nothing", "--help")).toEqual({ kind: "help" });
});

test("what is not known is named, with what there is", () => {
  expect(parse("--only", "cni,dns")).toEqual({ kind: "wrong", why: 'there is no benchmark "dns"; there are allocator, ipam, cni' });
  expect(parse("--only", "")).toMatchObject({ kind: "wrong" });
  expect(parse("--fast")).toMatchObject({ kind: "wrong", why: expect.stringContaining("--fast") as string });
  expect(parse("cni")).toMatchObject({ kind: "wrong" });
});
