import type { Duplex } from "node:stream";
import type { AttachRequest, ExecRequest } from "../pod-runtime.ts";
import type { ImageRule } from "./image-table.ts";

/** A pod's namespaces. Its id is CNI_CONTAINERID, its netns CNI_NETNS. */
export interface Sandbox {
  readonly id: string;
  readonly netns: string;
  /** Settles when the namespaces are gone, whoever ended them. */
  readonly gone: Promise<void>;
  remove(): Promise<void>;
}

export interface SandboxRequest {
  readonly id: string;
  readonly hostname: string;
  readonly hostNetwork: boolean;
}

export interface Mount {
  /** On this machine. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ContainerRequest {
  readonly id: string;
  readonly sandbox: Sandbox;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly logFile: string;
  /** An empty directory of its own. */
  readonly scratchDir: string;
  /** Where a socket for those who attach to it may be. */
  readonly attachSocket: string;
  /** Whether it has an input that clients type, one that ends with the first of them, and a terminal. */
  readonly streams: { readonly stdin: boolean; readonly stdinOnce: boolean; readonly tty: boolean };
  readonly workingDir?: string;
  readonly user?: number;
  readonly group?: number;
  /** It sees the machine's process ids instead of only its own. */
  readonly sharesHostPids: boolean;
  /** It sees the processes of this one as its own. */
  readonly seesPidsOf?: RunningContainer;
  readonly rule: ImageRule;
  /** Ends by itself: an init container, or one of a pod that is not restarted. */
  readonly isTask: boolean;
}

export interface RunningContainer {
  readonly id: string;
  /** The exit code; 128 + n when signal n ended it. */
  readonly exit: Promise<number>;
  /** Asks it to end (SIGTERM). */
  terminate(): void;
  /** Ends everything in it. */
  kill(): void;
  /** Runs a command in it and waits; for probes and hooks. */
  run(command: readonly string[], timeoutMs: number): Promise<ProbeResult>;
  /** Resolves to the exit code. Rejects with `BAD_REQUEST` when the data plane has no processes. */
  exec(request: ExecRequest): Promise<number>;
  /** Shows its output from now on, and gives it what is typed. Absent: it says nothing but what is in its log. */
  attach?(request: AttachRequest): Promise<void>;
}

export interface ProbeResult {
  readonly isSuccess: boolean;
  readonly output: string;
}

export interface NetworkProbe {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly http?: { readonly path: string; readonly host: string; readonly headers: readonly string[] };
  /** Asks the gRPC health service for this service; `""` is the server as a whole. */
  readonly grpc?: { readonly service: string };
}

/** A container that could not be started at all. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** What makes sandboxes and containers: the kernel, or a pretence of it. */
export interface ContainerRuntime {
  /** Rejects with a `Fault`. */
  createSandbox(request: SandboxRequest): Promise<Sandbox>;
  /** Rejects with a `StartError`. */
  startContainer(request: ContainerRequest): Promise<RunningContainer>;
  /** A TCP, HTTP or gRPC probe from the node. */
  probe(probe: NetworkProbe): Promise<ProbeResult>;
  /** A connection to a port of the sandbox's loopback. Rejects with a `Fault`. */
  connect(sandbox: Sandbox, port: number): Promise<Duplex>;
}
