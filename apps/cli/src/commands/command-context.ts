import type { LabPaths } from "@slash28/lab";
import type { Terminal } from "../output/index.ts";

/** What every command may use of the outside world; tests pass their own. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  /** Where this user's lab keeps its files. */
  readonly labPaths: LabPaths;
  /** The program of `simulate/fleet-worker.ts`, for worker threads. */
  readonly fleetWorker: URL;
  /** Where somebody watches how far long work is; absent where nobody does. */
  readonly watched?: NodeJS.WriteStream;
}
