import { expect, test } from "vitest";
import { leftIn } from "../src/leftovers.ts";

test("only what carries the number of a process that is gone is left over", () => {
  const names = ["s28-bench-7-router", "s28-bench-12-1-i-0abc", "s28-slash28-router", "s28-bench-x-router"];
  expect(leftIn(names, /^s28-bench-(\d+)-/, (pid) => pid === "7")).toEqual(["s28-bench-12-1-i-0abc"]);
});

test("this process is alive", () => {
  expect(leftIn([`cni-${process.pid}-abc`], /^[a-z0-9]+-(\d+)-/)).toEqual([]);
});
