import { spawn, spawnSync } from "node:child_process";
import { Fault } from "@slash28/ports";
import { inNamespaceAt } from "./network-namespace.ts";

/**
 * Hands nftables commands to `nft -f -`, which applies all of them or none. Raises `HOST_TOOL_MISSING` without nft and
 * `KERNEL_REFUSED` with nft's own words when a command is refused. Blocks for the few milliseconds nft takes.
 */
export function applyNftables(text: string, namespace?: string): void {
  const { status, stderr } = runNft(["-f", "-"], text, namespace);
  if (status !== 0) throw new Fault("KERNEL_REFUSED", { errno: "an error", doing: `applying nftables rules: ${stderr.trim()}` });
}

/** The same without blocking: for whoever keeps many namespaces. Rejects as the other raises. */
export function applyNftablesSoon(text: string, namespace?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The child is started by this thread and inherits its namespace.
    const child = inNamespaceAt(namespace, () => spawn("nft", ["-f", "-"], { stdio: ["pipe", "ignore", "pipe"] }));
    let said = "";
    child.stderr.on("data", (part: Buffer) => (said += part.toString("utf8")));
    child.once("error", (cause: NodeJS.ErrnoException) => reject(startFault(cause)));
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Fault("KERNEL_REFUSED", { errno: "an error", doing: `applying nftables rules: ${said.trim()}` }));
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(text);
  });
}

function startFault(cause: NodeJS.ErrnoException): Fault {
  if (cause.code === "ENOENT") return new Fault("HOST_TOOL_MISSING", { tool: "nft", package: "nftables" });
  return new Fault("KERNEL_REFUSED", { errno: cause.code ?? cause.name, doing: "starting nft" });
}

/** One table as `nft list table` prints it, without counters' values; `undefined` when there is none. */
export function listNftable(family: string, table: string, namespace?: string): string | undefined {
  const { status, stdout } = runNft(["--stateless", "list", "table", family, table], "", namespace);
  return status === 0 ? stdout : undefined;
}

function runNft(
  args: readonly string[],
  input: string,
  namespace: string | undefined,
): { status: number | null; stdout: string; stderr: string } {
  // The child is started by this thread and inherits its namespace.
  const result = inNamespaceAt(namespace, () => spawnSync("nft", args, { input, encoding: "utf8" }));
  const failure: NodeJS.ErrnoException | undefined = result.error;
  if (failure !== undefined) throw startFault(failure);
  return result;
}
