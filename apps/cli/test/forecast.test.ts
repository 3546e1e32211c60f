import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "slash28-forecast-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function snapshot(name: string, takenAt: string | undefined, free: Readonly<Record<string, number>>): string {
  const at = join(folder, name);
  mkdirSync(at);
  const Subnets = Object.entries(free).map(([SubnetId, AvailableIpAddressCount]) => ({
    SubnetId,
    AvailableIpAddressCount,
    VpcId: "vpc-1",
    AvailabilityZone: "us-east-1a",
    CidrBlock: "10.0.0.0/20",
    Tags: [],
  }));
  writeFileSync(join(at, "ec2-describe-subnets.json"), JSON.stringify({ Subnets }));
  if (takenAt !== undefined) writeFileSync(join(at, "snapshot.json"), JSON.stringify({ kind: "Slash28Snapshot", format: 1, takenAt }));
  return at;
}
function csv(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const monday = snapshot("monday", "2026-01-05T00:00:00Z", { "subnet-a": 100, "subnet-b": 50 });
const tuesday = snapshot("tuesday", "2026-01-06T00:00:00Z", { "subnet-a": 90, "subnet-b": 50, "subnet-new": 9 });

describe("slash28 forecast", () => {
  test("of two snapshots says when each subnet is empty if all goes on, and claims no interval", async () => {
    const { code, out } = await runCommand(["forecast", "--snapshot", monday, "--snapshot", tuesday]);
    expect(code).toBe(0);
    expect(out).toMatch(/subnet-a +90 +2 +24 h +-10 +2026-01-15 00:00Z\*, no interval/);
    expect(out).toMatch(/subnet-b +50 +2 +24 h +0\.0 +not in sight/);
    expect(out).toMatch(/subnet-new +9 +1 .*unknown: one count/);
    expect(out).toContain("no interval: it takes five counts");
  });

  test("of a history has an interval; the head may name the columns as CloudWatch and EC2 do, times may be in seconds", async () => {
    const rows = [500, 480, 455, 441, 420, 399].map((free, day) => `${1_767_225_600 + day * 86_400},"subnet-a",${free},x`);
    const history = csv("history.csv", ["Timestamp,SubnetId,AvailableIpAddressCount,other", ...rows, ""].join("\n"));
    const { out } = await runCommand(["forecast", "--history", history, "-o", "json"]);
    const [told] = JSON.parse(out) as readonly {
      changePerDay: number;
      changePerDayInterval: { low: number; high: number };
      outlook: { kind: string };
    }[];
    expect(told?.outlook.kind).toBe("runs-out");
    expect(told?.changePerDay).toBeCloseTo(-20, 0);
    expect(told?.changePerDayInterval.low).toBeLessThan(-20);
    expect(told?.changePerDayInterval.high).toBeGreaterThan(-20.5);
  });

  test.each([
    [[], "from what?"],
    [["--snapshot", monday], "one count tells no trend"],
    [["--snapshot", monday, snapshot("other", "2026-01-07T00:00:00Z", { "subnet-x": 1 })], "no subnet is in two of them"],
    [["--snapshot", monday, snapshot("timeless", undefined, { "subnet-a": 1 })], "nothing in"],
    [["--history", csv("head.csv", "a,b\n1,2\n")], "head.csv:1: there is no column time"],
    [["--history", csv("time.csv", "time,subnet,free\nnever,s,2\n")], 'time.csv:2: "never" is no time'],
    [["--history", csv("free.csv", "time,subnet,free\n2026-01-01,s,-2\n")], 'free.csv:2: "-2" is no count'],
    [["--history", "/nonexistent/h.csv"], "cannot read"],
  ])("%j is a usage mistake: %s", async (args, said) => {
    const { code, err } = await runCommand(["forecast", ...args]);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  });
});
