import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

/** The built command with its built worker: what the tests of `apps/cli` run from sources. */
const root = fileURLToPath(new URL("../..", import.meta.url));

function simulate(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, "dist/slash28.mjs"), "simulate", ...args], { cwd: root });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (out += text.toString()));
    child.stderr.on("data", (text: Buffer) => (err += text.toString()));
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

test("the built command sweeps over its workers, compares, and writes a report", async () => {
  const sweep = ["examples/burst-of-five.yaml", "--sweep", "WARM_IP_TARGET=1..5", "-o", "json"];
  const [one, two] = [await simulate(...sweep, "--workers", "1"), await simulate(...sweep, "--workers", "2")];
  expect(two).toEqual({ ...one, code: 0, err: "" });
  const { runs } = JSON.parse(two.out) as { runs: { summary: { podsDelayedByAddresses: number } }[] };
  expect(runs.map(({ summary }) => summary.podsDelayedByAddresses)).toEqual([3, 3, 2, 1, 0]);

  const compared = await simulate("--compare", "examples/warm-eni-50-nodes.yaml", "examples/warm-ip-50-nodes.yaml");
  expect(compared).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/addresses held, peak +1,400 +200 \* +-1,200/) });

  const folder = mkdtempSync(join(tmpdir(), "slash28-simulate-e2e-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const report = join(folder, "report.html");
  expect((await simulate("examples/fragmented-subnet.yaml", "--report", report)).code).toBe(0);
  expect(readFileSync(report, "utf8")).toContain("Subnet worn-a had no whole /28 left for a prefix");
});
