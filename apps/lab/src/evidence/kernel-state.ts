import { execFile } from "node:child_process";
import type { EvidenceFile } from "../control/index.ts";
import type { FoundFiles } from "./node-files.ts";

/** Runs a program in a network namespace, or in this process's own, and gives what it printed, or why it did not. */
export type RunInNamespace = (
  netnsPath: string | undefined,
  command: readonly string[],
) => Promise<{ readonly stdout: string } | { readonly why: string }>;

const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ["links", ["ip", "-details", "-statistics", "link", "show"]],
  ["addresses", ["ip", "address", "show"]],
  ["rules", ["ip", "rule", "show"]],
  ["routes", ["ip", "route", "show", "table", "all"]],
  ["neighbours", ["ip", "neighbour", "show"]],
  ["nftables", ["nft", "list", "ruleset"]],
];

/** What the kernel holds in a node's namespace, as its tools print it. */
export async function kernelState(netnsPath: string | undefined, run: RunInNamespace = runInNamespace): Promise<FoundFiles> {
  const files: EvidenceFile[] = [];
  const notes: string[] = [];
  for (const [name, command] of COMMANDS) {
    const ran = await run(netnsPath, command);
    if ("stdout" in ran) files.push({ path: `kernel/${name}.txt`, latin1: ran.stdout });
    else notes.push(`${command.join(" ")}: ${ran.why}`);
  }
  return { files, notes };
}

const TIMEOUT_MS = 5_000;
const OUTPUT_MAX = 16 * 1024 * 1024;

const runInNamespace: RunInNamespace = (netnsPath, command) =>
  new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_MAX, encoding: "latin1" } as const;
    const [program = "", ...args] = netnsPath === undefined ? command : ["nsenter", `--net=${netnsPath}`, ...command];
    execFile(program, args, options, (error, stdout, stderr) =>
      resolve(error === null ? { stdout } : { why: stderr.trim() || error.message }),
    );
  });
