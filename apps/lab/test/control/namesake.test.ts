import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { labPaths, runDirOfNamesake, startTicksOf, writeRecord } from "../../src/control/index.ts";

/** A process with a lab's mark, and the record of a lab that it supervises. */
async function runningLab(name: string): Promise<{ readonly runDir: string; readonly end: () => Promise<void> }> {
  const runDir = mkdtempSync(join(tmpdir(), "s28-namesake-"));
  onTestFinished(() => rmSync(runDir, { recursive: true, force: true }));
  const env = { ...process.env, SLASH28_LAB_RUN_DIR: runDir };
  const child = spawn(process.execPath, ["-e", 'process.title = "slash28-lab"; console.log("up"); setInterval(() => {}, 1000)'], { env });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
  const pid = child.pid ?? 0;
  writeRecord(labPaths(runDir).record, { pid, startTicks: startTicksOf(pid) ?? "", name });
  return {
    runDir,
    end: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

test.runIf(process.platform === "linux")(
  "a lab of the same name from another run folder is found while it runs, and only then",
  async () => {
    const name = `namesake-${process.pid}`;
    const { runDir, end } = await runningLab(name);
    expect(runDirOfNamesake(name, "/elsewhere")).toBe(runDir);
    expect(runDirOfNamesake(name, runDir)).toBeUndefined();
    expect(runDirOfNamesake("other-name", "/elsewhere")).toBeUndefined();
    await end();
    expect(runDirOfNamesake(name, "/elsewhere")).toBeUndefined();
  },
);
