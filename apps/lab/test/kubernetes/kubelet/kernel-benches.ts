import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe } from "vitest";
import { openBench, type Bench, type BenchOptions } from "./kubelet-bench.ts";

const canRun = process.platform === "linux" && process.getuid?.() === 0;
if (!canRun) process.stderr.write("kubelet kernel tests need root on Linux; skipped\n");

/** A block of tests whose pods are processes: skipped, and said so, without root on Linux. */
export const describeWithKernel = describe.skipIf(!canRun);

const ROOT = join(import.meta.dirname, "../../../../..");
const NATIVE = join(ROOT, "apps/lab/native");
const AGENT_PROBE = join(ROOT, "apps/agent/native/grpc-health-probe.c");

/** Called in a block of tests: gives what opens a bench for one of them, and closes each after its test. */
export function benchesOfTests(): (options?: BenchOptions) => Promise<Bench> {
  const open: Bench[] = [];
  afterEach(async () => {
    for (const bench of open.splice(0)) await bench.close();
  });
  return async (options) => {
    const bench = await openBench(nativePrograms(), options);
    open.push(bench);
    return bench;
  };
}

/** The folder of the native programs as their sources are now: built once for all files of tests, kept until a source changes. */
function nativePrograms(): string {
  const programs = new Map(readdirSync(NATIVE).map((name) => [name, cFilesOf(join(NATIVE, name))]));
  programs.set(basename(AGENT_PROBE, ".c"), [AGENT_PROBE]);
  const hash = createHash("sha256");
  for (const source of [...programs.values()].flat()) hash.update(readFileSync(source));
  const cache = join(ROOT, ".cache");
  const folder = join(cache, `native-of-tests-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, "making-native-of-tests-"));
  try {
    for (const [name, sources] of programs) {
      execFileSync("cc", ["-Os", "-static", "-Wall", "-Wextra", "-Werror", "-o", join(made, name), ...sources]);
    }
    forgetOlder(cache);
    renameSync(made, folder);
  } catch (cause) {
    // Another file of tests may have been faster.
    if (!existsSync(folder)) throw cause;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return folder;
}

function cFilesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".c"))
    .map((file) => join(folder, file));
}

function forgetOlder(cache: string): void {
  for (const name of readdirSync(cache)) {
    if (name.startsWith("native-of-tests-")) rmSync(join(cache, name), { recursive: true, force: true });
  }
}
