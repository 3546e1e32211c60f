import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

const oracle = JSON.parse(readFileSync(new URL("../../../core/limits/test/fixtures/eni-max-pods.json", import.meta.url), "utf8")) as Record<
  string,
  number
>;

describe("slash28 max-pods", () => {
  test.each([
    [["--instance-type", "m5.large"], "29"],
    [["--instance-type", "m5.xlarge"], "58"],
    [["--instance-type", "m5.4xlarge"], "110"],
    [["--instance-type", "m5.4xlarge", "--show-max-allowed"], "234"],
    [["--instance-type", "m5.large", "--cni-prefix-delegation-enabled"], "110"],
    [["--instance-type", "m5.large", "--cni-custom-networking-enabled"], "20"],
    [["--instance-type", "m5.xlarge", "--cni-custom-networking-enabled"], "44"],
    [["--instance-type", "m5.large", "--cni-max-eni", "2"], "20"],
    [["--instance-type", "m5.large", "t3.medium"], "17"],
  ])("%s prints the number alone: %s", async (args, number) => {
    expect(await runCommand(["max-pods", "--cni-version", "1.18.0", ...args])).toEqual({ code: 0, out: `${number}\n`, err: "" });
  });

  test("--all --show-max-allowed as JSON equals the published table, every entry", async () => {
    const { code, out } = await runCommand(["max-pods", "--all", "--show-max-allowed", "--cni-version", "1.18.0", "-o", "json"]);
    const numbers = JSON.parse(out) as Record<string, number>;
    expect(code).toBe(0);
    expect(Object.keys(oracle)).toHaveLength(1391);
    expect(Object.fromEntries(Object.keys(oracle).map((type) => [type, numbers[type]]))).toEqual(oracle);
  });

  test("--explain says how the number comes about", async () => {
    const { out } = await runCommand(["max-pods", "--instance-type", "m5.large", "--cni-version", "1.18.0", "--explain"]);
    expect(out).toContain("29\n");
    expect(out).toContain("3 × 9 + 2 pods on the host's network = 29");
  });

  test.each([
    [["--instance-type", "m5.huge", "--cni-version", "1.18.0"], 'instance type "m5.huge" is not in the table'],
    [["--instance-type", "m5.large"], "--cni-version"],
    [["--cni-version", "1.18.0"], "which instance type?"],
    [["--instance-type", "m5.large", "--cni-version", "latest"], "CNI version"],
    [["--instance-type", "m5.large", "--cni-version", "1.18.0", "--cni-max-eni", "two"], "whole number"],
    [["--all", "--instance-type", "m5.large", "--cni-version", "1.18.0"], "--all takes every type"],
    [["--instance-type", "m5.large", "--cni-version", "1.18.0", "-o", "xml"], "Allowed choices are table, json, yaml"],
  ])("%s is a usage mistake that says: %s", async (args, said) => {
    const { code, out, err } = await runCommand(["max-pods", ...args]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(said);
  });
});
