import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Fault, type Clock } from "@slash28/ports";
import { StartError, type ContainerRequest, type RunningContainer } from "./container-runtime.ts";

const SIGNAL_BASE = 128;
const SIGNALS: Readonly<Record<string, number>> = { SIGTERM: 15, SIGKILL: 9, SIGINT: 2 };

/** Starts a container as a plain process of this machine, without namespaces; its output goes to the container's log as the runtime writes it. */
export async function startSimulatedProcess(request: ContainerRequest, clock: Clock): Promise<RunningContainer> {
  const [program = "", ...args] = request.argv;
  const child = spawn(program, args, {
    env: { ...request.env, ...request.rule.env },
    cwd: request.scratchDir,
    stdio: ["ignore", "pipe", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(new StartError(error.message)));
  });
  const exit = exitOf(child);
  keepLog(child, request.logFile, clock);
  return {
    id: request.id,
    exit,
    terminate: () => void child.kill("SIGTERM"),
    kill: () => void child.kill("SIGKILL"),
    run: () => Promise.resolve({ isSuccess: true, output: "" }),
    exec: () =>
      Promise.reject(
        new Fault("BAD_REQUEST", {
          detail: "this lab's data plane is simulated: a command cannot be run in a container; start the lab as root on Linux",
        }),
      ),
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? SIGNAL_BASE + (SIGNALS[signal ?? ""] ?? 0))));
}

function keepLog(child: ChildProcess, path: string, clock: Clock): void {
  const log = createWriteStream(path, { flags: "a" });
  const keep = (stream: Readable | null, name: string): void => {
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (line) => log.write(`${new Date(clock.now()).toISOString()} ${name} F ${line}\n`));
  };
  keep(child.stdout, "stdout");
  keep(child.stderr, "stderr");
  child.once("close", () => log.end());
}
