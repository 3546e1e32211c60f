import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import type { NodeEvidence } from "@slash28/lab";
import { CommandError, usageError } from "../output/index.ts";

/** A bundle as written: `-o json` prints it. */
export interface Bundle {
  /** Where the tarball is. */
  readonly bundle: string;
  readonly node: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly notes: readonly string[];
}

/** The path that stands for standard output. */
export const STDOUT = "-";

export interface BundleOptions {
  /** The tarball to write; it must not be there yet. `-`: standard output. */
  readonly path: string;
  /** Where `tar` is looked for. */
  readonly env: NodeJS.ProcessEnv;
  readonly collectedAt: Date;
}

/** Writes evidence as a tarball that only its owner may read; on failure leaves no file behind. */
export async function writeBundle(evidence: NodeEvidence, { path, env, collectedAt }: BundleOptions): Promise<Bundle> {
  const isFile = path !== STDOUT;
  if (isFile && existsSync(path)) throw usageError(`${path} is there already; name another file with --output`);
  const staging = mkdtempSync(join(tmpdir(), "slash28-bundle-"));
  const name = bundleName(evidence.node, collectedAt);
  try {
    const { node, instanceId, notes } = evidence;
    const facts = { node, ...(instanceId === undefined ? {} : { instanceId }), collectedAt: collectedAt.toISOString(), notes };
    const contents = [{ path: "contents.json", latin1: `${JSON.stringify(facts, null, 2)}\n` }, ...evidence.files];
    for (const file of contents) stage(join(staging, name), file);
    await tar(["-czf", isFile ? resolve(path) : path, "-C", staging, name], env, path);
    if (isFile) chmodSync(path, 0o600);
    const files = contents.map((file) => ({ path: `${name}/${file.path}`, bytes: file.latin1.length }));
    return { bundle: path, node: evidence.node, files, notes: evidence.notes };
  } catch (cause) {
    if (isFile) rmSync(path, { force: true });
    throw cause;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** `slash28-<node>-20260102T030405Z`: the folder inside a bundle, and its name when none is given. */
export function bundleName(node: string, at: Date): string {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `slash28-${node.replaceAll(/[^\w.-]/g, "_")}-${time}`;
}

function stage(folder: string, { path, latin1 }: NodeEvidence["files"][number]): void {
  const at = resolve(folder, path);
  if (!at.startsWith(folder + sep)) throw new TypeError(`${path} leads out of the bundle`);
  mkdirSync(dirname(at), { recursive: true, mode: 0o700 });
  writeFileSync(at, Buffer.from(latin1, "latin1"), { mode: 0o600 });
}

function tar(args: readonly string[], env: NodeJS.ProcessEnv, path: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn("tar", args, { env, stdio: ["ignore", path === STDOUT ? "inherit" : "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (part: Buffer) => (said += part.toString("utf8")));
    child.on("error", (error: NodeJS.ErrnoException) =>
      fail(
        new CommandError(
          error.code === "ENOENT" ? "there is no tar on this machine, and the bundle is a tarball; install tar" : String(error),
        ),
      ),
    );
    child.on("close", (code) => (code === 0 ? done() : fail(new CommandError(`${path} could not be written: ${said.trim()}`))));
  });
}
