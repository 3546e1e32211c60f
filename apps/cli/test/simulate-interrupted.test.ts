import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";

/** Pods that live for a second, a hundred of them, for years: nobody waits for its end. */
const endless = `name: endless
vpc: { cidrs: [10.0.0.0/16], subnets: [{ name: a, zone: us-east-1a, cidr: 10.0.0.0/20 }] }
nodeGroups: [{ name: general, instanceType: m5.large, nodes: 20 }]
workload: { duration: 1000d, shapes: [{ name: web, shape: steady, pods: 100, lifetime: 1s }] }
`;

test("Ctrl-C prints what is done so far, writes it, and ends with 130", async () => {
  const folder = mkdtempSync(join(tmpdir(), "slash28-interrupted-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "endless.yaml"), endless);
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const args = ["simulate", join(folder, "endless.yaml"), "-o", "json", "--csv", join(folder, "series.csv")];
  const child = spawn(process.execPath, ["--import", "tsx", main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [out, err] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (err += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));

  // The run begins once its files can be written.
  await vi.waitUntil(() => readdirSync(folder).some((name) => name.endsWith(".part")), { timeout: 15_000 });
  child.kill("SIGINT");

  expect(await ended).toBe(130);
  const { summary } = JSON.parse(out) as { summary: { ranSeconds: number; durationSeconds: number } };
  expect(summary.durationSeconds).toBe(86_400_000);
  expect(summary.ranSeconds).toBeLessThan(summary.durationSeconds);
  expect(err).toBe(`slash28: interrupted: simulated ${summary.ranSeconds} of 86400000 seconds\n`);
  expect(readdirSync(folder).sort()).toEqual(["endless.yaml", "series.csv"]);
  expect(readFileSync(join(folder, "series.csv"), "utf8")).toMatch(/^at_seconds,/);
});
