import { spawnSync } from "node:child_process";
import { Fault } from "@slash28/ports";
import { runTool, startFault } from "./host-tool.ts";
import { inNamespaceAt } from "./network-namespace.ts";

const NFT = { program: "nft", package: "nftables" } as const;

/**
 * Hands nftables commands to `nft -f -`, which applies all of them or none. Raises `HOST_TOOL_MISSING` without nft and
 * `KERNEL_REFUSED` with nft's own words when a command is refused. Blocks for the few milliseconds nft takes.
 */
export function applyNftables(text: string, namespace?: string): void {
  demandApplied(runNft(["-f", "-"], text, namespace));
}

/** The same without blocking: for whoever keeps many namespaces. Rejects as the other raises. */
export async function applyNftablesSoon(text: string, namespace?: string): Promise<void> {
  demandApplied(await runTool(NFT, { args: ["-f", "-"], input: text, namespace }));
}

function demandApplied({ status, stderr }: { readonly status: number | null; readonly stderr: string }): void {
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
  const result = inNamespaceAt(namespace, () => spawnSync(NFT.program, args, { input, encoding: "utf8" }));
  const failure: NodeJS.ErrnoException | undefined = result.error;
  if (failure !== undefined) throw startFault(NFT, failure);
  return result;
}
