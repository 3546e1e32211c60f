import { spawn } from "node:child_process";
import { Fault } from "@slash28/ports";
import { inNamespaceAt } from "./network-namespace.ts";

export interface HostTool {
  readonly program: string;
  /** The package that brings it. */
  readonly package: string;
}

export interface ToolRun {
  readonly args: readonly string[];
  readonly input?: string;
  /** The network namespace it runs in; absent: this thread's. */
  readonly namespace?: string | undefined;
}

/** Runs a program of the machine to its end, without blocking. Rejects when it cannot be started. */
export function runTool(
  tool: HostTool,
  { args, input, namespace }: ToolRun,
): Promise<{ readonly status: number | null; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    // The child is started by this thread and inherits its namespace.
    const child = inNamespaceAt(namespace, () => spawn(tool.program, args, { stdio: ["pipe", "ignore", "pipe"] }));
    let stderr = "";
    child.stderr.on("data", (part: Buffer) => (stderr += part.toString("utf8")));
    child.once("error", (cause) => reject(startFault(tool, cause)));
    child.once("close", (status) => resolve({ status, stderr }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Why a program could not be started: `HOST_TOOL_MISSING`, or what the kernel said. */
export function startFault({ program, package: name }: HostTool, cause: NodeJS.ErrnoException): Fault {
  if (cause.code === "ENOENT") return new Fault("HOST_TOOL_MISSING", { tool: program, package: name });
  return new Fault("KERNEL_REFUSED", { errno: cause.code ?? cause.name, doing: `starting ${program}` });
}
