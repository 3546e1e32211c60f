import { spawn } from "node:child_process";
import { Fault } from "@slash28/ports";
import { inNamespaceAt } from "./network-namespace.ts";

/**
 * Has the kernel forget the tracked connections that `conntrack -D` with these options means. None of that kind is fine. Rejects with
 * `HOST_TOOL_MISSING` without the program, and with `KERNEL_REFUSED` and its own words when it fails.
 */
export function forgetFlows(options: readonly string[], namespace?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The child is started by this thread and inherits its namespace.
    const child = inNamespaceAt(namespace, () => spawn("conntrack", ["-D", ...options], { stdio: ["ignore", "ignore", "pipe"] }));
    let said = "";
    child.stderr.on("data", (part: Buffer) => (said += part.toString("utf8")));
    child.once("error", (cause: NodeJS.ErrnoException) => {
      const isMissing = cause.code === "ENOENT";
      reject(
        isMissing
          ? new Fault("HOST_TOOL_MISSING", { tool: "conntrack", package: "conntrack" })
          : new Fault("KERNEL_REFUSED", { errno: cause.code ?? cause.name, doing: "starting conntrack" }),
      );
    });
    child.once("close", (code) => {
      // It ends with 1 when it found nothing to delete, too.
      if (code === 0 || said.includes("0 flow entries")) resolve();
      else reject(new Fault("KERNEL_REFUSED", { errno: "an error", doing: `forgetting connections: ${said.trim()}` }));
    });
  });
}
