import { Fault } from "@slash28/ports";
import { runTool } from "./host-tool.ts";

const CONNTRACK = { program: "conntrack", package: "conntrack" } as const;

/**
 * Has the kernel forget the tracked connections that `conntrack -D` with these options means. None of that kind is fine. Rejects with
 * `HOST_TOOL_MISSING` without the program, and with `KERNEL_REFUSED` and its own words when it fails.
 */
export async function forgetFlows(options: readonly string[], namespace?: string): Promise<void> {
  const { status, stderr } = await runTool(CONNTRACK, { args: ["-D", ...options], namespace });
  // It ends with 1 when it found nothing to delete, too.
  if (status === 0 || stderr.includes("0 flow entries")) return;
  throw new Fault("KERNEL_REFUSED", { errno: "an error", doing: `forgetting connections: ${stderr.trim()}` });
}
