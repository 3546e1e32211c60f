import { spawn } from "node:child_process";
import { ipv4 } from "@slash28/address";
import { connectInNamespace } from "@slash28/linux";
import { Fault } from "@slash28/ports";
import type { Clock } from "@slash28/ports";
import type { ExecRequest } from "../pod-runtime.ts";
import { attachTo } from "./attach-session.ts";
import { StartError } from "./container-runtime.ts";
import type {
  ContainerRequest,
  ContainerRuntime,
  NetworkProbe,
  ProbeResult,
  RunningContainer,
  Sandbox,
  SandboxRequest,
} from "./container-runtime.ts";
import type { MachineFile, NativePrograms } from "./kubelet-options.ts";
import type { HostProcess, ProcessHost } from "./process-host.ts";

export interface KernelRuntimeOptions {
  readonly programs: NativePrograms;
  readonly processes: ProcessHost;
  readonly clock: Clock;
  /** The instance's network namespace. */
  readonly netnsPath: string;
  readonly logBytesMax: number;
  /** What of this machine every container sees besides its `/`: directories (see `hostMounts`) and files. */
  readonly machineFiles: readonly MachineFile[];
}

const LOOPBACK = ipv4("127.0.0.1");
const SIGQUIT = 3;
const SIGKILL = 9;
const SIGTERM = 15;

/** Pods as processes in namespaces, by the native programs. */
export function createKernelRuntime(options: KernelRuntimeOptions): ContainerRuntime {
  const pids = new WeakMap<Sandbox | RunningContainer, number>();
  return {
    async createSandbox(request) {
      const { sandbox, pid } = await startPause(options, request);
      pids.set(sandbox, pid);
      return sandbox;
    },
    async startContainer(request) {
      const args = containerArgs(options, request, (of) => pids.get(of) ?? 0);
      const parent = await options.processes.start({ program: options.programs.run, args, env: request.env }).catch((error: unknown) => {
        throw new StartError(error instanceof Error ? error.message : String(error));
      });
      const [word, ...rest] = ((await parent.firstLine) ?? "").split(" ");
      if (word === "started") {
        const container = runningContainer(options, request, { parent, pid: rest[0] ?? "" });
        pids.set(container, Number(rest[0]));
        return container;
      }
      const { stderr } = await parent.exit;
      throw new StartError(word === "failed" ? rest.join(" ") : stderr.trim());
    },
    async connect(sandbox, port) {
      return await Promise.resolve(connectInNamespace(sandbox.netns, LOOPBACK, port));
    },
    async probe(probe) {
      const args = probeArgs(options, probe);
      if (args === undefined) return { isSuccess: false, output: "gRPC is not probed here: the program for it was not built" };
      const { exit } = await options.processes.start({ program: options.programs.run, args, env: {} });
      const { code, stdout, stderr } = await exit;
      return { isSuccess: code === 0, output: (stdout + stderr).trim() };
    },
  };
}

/** `undefined`: the program for it is not there. */
function probeArgs(
  { programs, netnsPath }: KernelRuntimeOptions,
  { address, port, timeoutMs, http, grpc }: NetworkProbe,
): readonly string[] | undefined {
  if (grpc === undefined) {
    const asked = http === undefined ? [] : [http.path, http.host, ...http.headers];
    return ["probe", netnsPath, address, String(port), String(timeoutMs), ...asked];
  }
  if (programs.grpcProbe === undefined) return undefined;
  const limit = `${Math.round(timeoutMs)}ms`;
  const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  const limits = [`-connect-timeout=${limit}`, `-rpc-timeout=${limit}`];
  return ["enter", netnsPath, "--", programs.grpcProbe, `-addr=${place}`, ...limits, `-service=${grpc.service}`];
}

async function startPause(options: KernelRuntimeOptions, request: SandboxRequest): Promise<{ sandbox: Sandbox; pid: number }> {
  const args = [request.hostname, ...(request.hostNetwork ? [options.netnsPath] : [])];
  const pause = await options.processes.start({ program: options.programs.pause, args, env: {} });
  if ((await pause.firstLine) !== "ready") {
    const { stderr } = await pause.exit;
    throw new Fault("KERNEL_REFUSED", { errno: stderr.trim(), doing: "making a pod's namespaces" });
  }
  const gone = pause.exit.then(() => undefined);
  const remove = async (): Promise<void> => {
    pause.signal(SIGKILL);
    await gone;
  };
  return {
    sandbox: { id: request.id, netns: request.hostNetwork ? options.netnsPath : `/proc/${pause.pid}/ns/net`, gone, remove },
    pid: pause.pid,
  };
}

function containerArgs(
  options: KernelRuntimeOptions,
  request: ContainerRequest,
  pidOf: (of: Sandbox | RunningContainer) => number,
): readonly string[] {
  const files = (request.rule.files ?? []).map(({ source, target }) => ({ source, target, readOnly: true }));
  const machine = options.machineFiles.map((file) => ({ ...file, readOnly: true }));
  const mounts = [...machine, ...files, ...request.mounts];
  return [
    "container",
    "--net",
    request.sandbox.netns,
    "--sandbox",
    String(pidOf(request.sandbox)),
    "--scratch",
    request.scratchDir,
    "--log",
    request.logFile,
    String(options.logBytesMax),
    "--attach",
    request.attachSocket,
    ...(request.streams.stdin ? ["--stdin"] : []),
    ...(request.streams.stdinOnce ? ["--stdin-once"] : []),
    ...(request.streams.tty ? ["--tty"] : []),
    ...pidArgs(request, pidOf),
    ...identityArgs(request),
    ...mounts.flatMap(({ source, target, readOnly }) => ["--bind", source, target, readOnly ? "ro" : "rw"]),
    "--",
    ...request.argv,
  ];
}

function pidArgs({ sharesHostPids, seesPidsOf }: ContainerRequest, pidOf: (of: RunningContainer) => number): readonly string[] {
  if (sharesHostPids) return [];
  return seesPidsOf === undefined ? ["--own-pids"] : ["--pids-of", String(pidOf(seesPidsOf))];
}

function identityArgs(request: ContainerRequest): readonly string[] {
  const { workingDir, user, group } = request;
  return [
    "--directory",
    workingDir ?? request.rule.workingDir ?? "/",
    ...(user === undefined ? [] : ["--user", String(user)]),
    ...(group === undefined ? [] : ["--group", String(group)]),
  ];
}

function runningContainer(
  options: KernelRuntimeOptions,
  request: ContainerRequest,
  started: { parent: HostProcess; pid: string },
): RunningContainer {
  const { parent, pid } = started;
  const execArgs = (command: readonly string[], tty: boolean): readonly string[] => [
    "exec",
    pid,
    ...(tty ? ["--tty"] : []),
    ...identityArgs(request),
    "--",
    ...command,
  ];
  return {
    id: request.id,
    exit: parent.exit.then(({ code }) => code),
    terminate: () => parent.signal(SIGTERM),
    kill: () => parent.signal(SIGQUIT),
    run: (command, timeoutMs) => runWithin(options, { args: execArgs(command, false), env: request.env, timeoutMs }),
    exec: (asked) => execute(options.programs.run, execArgs(asked.command, asked.tty), asked, request.env),
    attach: (asked) => attachTo(request.attachSocket, asked),
  };
}

interface BoundedRun {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

async function runWithin(options: KernelRuntimeOptions, run: BoundedRun): Promise<ProbeResult> {
  const process = await options.processes.start({ program: options.programs.run, args: run.args, env: run.env });
  const done = new AbortController();
  const late = options.clock.sleep(run.timeoutMs, done.signal).then(() => undefined);
  const exit = await Promise.race([process.exit, late]);
  done.abort();
  if (exit !== undefined) return { isSuccess: exit.code === 0, output: (exit.stdout + exit.stderr).trim() };
  process.signal(SIGTERM);
  return { isSuccess: false, output: `command timed out after ${run.timeoutMs / 1_000} s` };
}

/** A person's command has streams of its own, so it is started from here and not through the process host. */
function execute(program: string, args: readonly string[], request: ExecRequest, env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(program, [...args], { env: { ...env, ...(request.tty ? { TERM: "xterm" } : {}) }, stdio: "pipe" });
  const end = (): void => void child.kill("SIGTERM");
  if (request.signal.aborted) end();
  request.signal.addEventListener("abort", end, { once: true });
  child.stdin.on("error", () => undefined);
  if (request.stdin === undefined) child.stdin.end();
  else request.stdin.pipe(child.stdin);
  if (request.stdout === undefined) child.stdout.resume();
  else child.stdout.pipe(request.stdout, { end: false });
  const errors = request.stderr ?? request.stdout;
  if (errors === undefined) child.stderr.resume();
  else child.stderr.pipe(errors, { end: false });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Fault("KERNEL_REFUSED", { errno: error.message, doing: `starting ${program}` })));
    child.once("close", (code) => {
      request.signal.removeEventListener("abort", end);
      request.stdin?.unpipe(child.stdin);
      resolve(code ?? 137);
    });
  });
}
