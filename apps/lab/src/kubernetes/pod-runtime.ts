import type { Duplex, Readable, Writable } from "node:stream";

/** Which container of which pod. */
export interface ContainerName {
  readonly namespace: string;
  readonly pod: string;
  /** Absent: the pod's only container, or its first. */
  readonly container?: string;
}

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly limitBytes?: number;
  readonly timestamps: boolean;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  readonly signal: AbortSignal;
}

export interface AttachRequest {
  /** What the client types; absent: it only watches. */
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  readonly signal: AbortSignal;
}

/** What the API server asks of the node a pod runs on: kubelet's log and exec endpoints. Rejects with a `Fault` (`KUBE_REFUSED`, `BAD_REQUEST`). */
export interface PodRuntime {
  logs(container: ContainerName, options: LogOptions, signal: AbortSignal): Promise<Readable>;
  /** Resolves to the command's exit code. */
  exec(container: ContainerName, request: ExecRequest): Promise<number>;
  /** Shows what a container says from now on, and gives it what is typed. Resolves when it has ended or the signal fires. */
  attach(container: ContainerName, request: AttachRequest): Promise<void>;
  /** A connection to a port of the pod's own loopback. */
  connect(container: ContainerName, port: number): Promise<Duplex>;
}
