import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { Fault } from "@slash28/ports";
import type { HostProcess, ProcessExit, ProcessHost, ProcessRequest } from "./process-host.ts";
import { readReports, signalFrame, startFrame } from "./spawn-frames.ts";
import type { SpawnReport } from "./spawn-frames.ts";

interface Started {
  readonly program: string;
  readonly onStarted: (pid: number) => void;
  readonly onRefused: (error: unknown) => void;
  readonly onFirstLine: (line: string | undefined) => void;
  readonly onExit: (exit: ProcessExit) => void;
  readonly gone: Promise<unknown>;
}

/** How long a process may take to end everything below it before it is killed itself. */
const QUIT_WITHIN_MS = 3_000;
const SIGKILL = 9;
const SIGQUIT = 3;
const GONE: ProcessExit = { code: 137, signal: SIGKILL, stdout: "", stderr: "" };

/** Starts processes through `slash28-spawn`: this program stops for microseconds per start instead of milliseconds. */
export function createSpawnHost(spawnProgram: string): ProcessHost {
  if (!existsSync(spawnProgram))
    throw new Fault("HOST_TOOL_MISSING", { tool: spawnProgram, package: "gcc (with libc6-dev) and build again" });
  const helper = spawn(spawnProgram, [], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const running = new Map<number, Started>();
  let lastId = 0;
  let isGone = false;
  const ended = new Promise<void>((resolve) => {
    helper.once("close", () => {
      isGone = true;
      for (const [id, started] of running) forget(running, id, started);
      resolve();
    });
  });
  helper.once("error", () => (isGone = true));
  helper.stdin?.on("error", () => undefined);
  listen(helper, running);
  return {
    start(request) {
      if (isGone) return Promise.reject(refused(request.program, "slash28-spawn has ended"));
      const id = ++lastId;
      return startOne({ id, running, send: (bytes) => void helper.stdin?.write(bytes) }, request);
    },
    async close() {
      for (const id of running.keys()) helper.stdin?.write(signalFrame(id, SIGQUIT));
      const late = setTimeout(() => {
        for (const id of running.keys()) helper.stdin?.write(signalFrame(id, SIGKILL));
      }, QUIT_WITHIN_MS);
      await Promise.all([...running.values()].map((started) => started.gone));
      clearTimeout(late);
      helper.stdin?.end();
      await ended;
    },
  };
}

interface Channel {
  readonly id: number;
  readonly running: Map<number, Started>;
  readonly send: (bytes: Buffer) => void;
}

function startOne(channel: Channel, request: ProcessRequest): Promise<HostProcess> {
  return new Promise((resolve, reject) => {
    let onFirstLine: (line: string | undefined) => void = () => undefined;
    let onExit: (exit: ProcessExit) => void = () => undefined;
    const firstLine = new Promise<string | undefined>((settle) => (onFirstLine = settle));
    const exit = new Promise<ProcessExit>((settle) => (onExit = settle));
    const signal = (number: number): void => {
      if (channel.running.has(channel.id)) channel.send(signalFrame(channel.id, number));
    };
    const onStarted = (pid: number): void => resolve({ pid, firstLine, exit, signal });
    channel.running.set(channel.id, { program: request.program, onStarted, onRefused: reject, onFirstLine, onExit, gone: exit });
    channel.send(startFrame(channel.id, request));
  });
}

function listen(helper: ChildProcess, running: Map<number, Started>): void {
  let rest: Buffer = Buffer.alloc(0);
  helper.stdout?.on("data", (chunk: Buffer) => {
    const read = readReports(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
    rest = read.rest;
    for (const report of read.reports) settle(running, report);
  });
}

function settle(running: Map<number, Started>, report: SpawnReport): void {
  const started = running.get(report.id);
  if (started === undefined) return;
  switch (report.kind) {
    case "started":
      started.onStarted(report.pid);
      break;
    case "refused":
      running.delete(report.id);
      started.onRefused(refused(started.program, report.why));
      started.onExit(GONE);
      break;
    case "first-line":
      started.onFirstLine(report.line);
      break;
    case "exited":
      running.delete(report.id);
      started.onFirstLine(undefined);
      started.onExit(report.exit);
      break;
    default:
      report satisfies never;
  }
}

/** The helper is gone, and by their parent-death signal everything it started. */
function forget(running: Map<number, Started>, id: number, started: Started): void {
  running.delete(id);
  started.onRefused(refused(started.program, "slash28-spawn has ended"));
  started.onFirstLine(undefined);
  started.onExit(GONE);
}

function refused(program: string, why: string): Fault {
  return new Fault("KERNEL_REFUSED", { errno: why, doing: `starting ${program}` });
}
