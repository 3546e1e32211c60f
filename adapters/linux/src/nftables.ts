import { spawnSync } from "node:child_process";
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
  if (failure?.code === "ENOENT") throw new Fault("HOST_TOOL_MISSING", { tool: "nft", package: "nftables" });
  if (failure !== undefined) throw new Fault("KERNEL_REFUSED", { errno: failure.code ?? failure.name, doing: "starting nft" });
  return result;
}
