/** A program to start. The environment is exactly `env`. */
export interface ProcessRequest {
  readonly program: string;
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
}

/** How a process ended: `signal` is 0 unless a signal ended it. */
export interface ProcessExit {
  readonly code: number;
  readonly signal: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostProcess {
  readonly pid: number;
  /** The first line the process wrote to stdout; `undefined` when it ended without one. */
  readonly firstLine: Promise<string | undefined>;
  /** Settles when the process is gone and its output is read. */
  readonly exit: Promise<ProcessExit>;
  /** Sends a signal by number; nothing happens when the process is gone. */
  signal(number: number): void;
}

/** Starts processes that die with this one. */
export interface ProcessHost {
  /** Rejects with `HOST_TOOL_MISSING` or `KERNEL_REFUSED` when the program cannot be started. */
  start(request: ProcessRequest): Promise<HostProcess>;
  /** Ends every process it started. */
  close(): Promise<void>;
}
