import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { Fault } from "@slash28/ports";
import type { HostProcess, ProcessExit, ProcessHost, ProcessRequest } from "./process-host.ts";

/** Starts processes from this one. Slower than the native helper, but needs nothing: the simulated data plane calls its plugins so. */
export function createNodeHost(): ProcessHost {
  const running = new Set<{ readonly child: ChildProcess; readonly ended: Promise<unknown> }>();
  return {
    async start(request) {
      const child = spawn(request.program, [...request.args], { env: { ...request.env }, stdio: "pipe", detached: true });
      const started = await adopt(child, request);
      const entry = { child, ended: started.exit };
      running.add(entry);
      void started.exit.then(() => running.delete(entry));
      return started;
    },
    async close() {
      const all = [...running];
      for (const { child } of all) child.kill("SIGKILL");
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

async function adopt(child: ChildProcess, request: ProcessRequest): Promise<HostProcess> {
  const output = { stdout: "", stderr: "" };
  let tellFirstLine: (line: string | undefined) => void = () => undefined;
  const firstLine = new Promise<string | undefined>((resolve) => (tellFirstLine = resolve));
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
    const end = output.stdout.indexOf("\n");
    if (end >= 0) tellFirstLine(output.stdout.slice(0, end));
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const exit = new Promise<ProcessExit>((resolve) => {
    child.once("close", (code, signal) => {
      tellFirstLine(undefined);
      resolve({ code: code ?? 128, signal: signal === null ? 0 : 9, ...output });
    });
  });
  // A plugin may end without reading its input.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(request.stdin ?? "");
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(new Fault("KERNEL_REFUSED", { errno: error.message, doing: `starting ${request.program}` })));
  });
  return { pid: child.pid ?? 0, firstLine, exit, signal: (number) => void child.kill(number) };
}
