import { totalmem } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { FleetInput, FleetProgress, FleetResult } from "@slash28/fleet";
import type { FromWorker, ToWorker } from "./fleet-worker.ts";
import { RefusedFleet, runFleet } from "./run-fleet.ts";

export interface FleetsWatch {
  /** How far a run is. */
  readonly onProgress: (run: number, progress: FleetProgress) => void;
  /** Ends the work early: runs that have begun hand back what they have, the others do not begin. */
  readonly signal: AbortSignal;
}

export interface Workers {
  /** The program of `fleet-worker.ts`. */
  readonly program: URL;
  /** Runs at the same time; with one, and a fleet that fits, they run in this thread. */
  readonly count: number;
}

/** The machine has not the memory for it. */
export class FleetTooLarge extends Error {}

/** A fleet beyond this may need more memory than a process has by itself; a worker can be given more. */
const NODES_IN_THIS_THREAD = 5_000;
const BYTES_PER_MB = 1_048_576;
/** Of the machine's memory, for all workers. */
const MEMORY_SHARE = 0.8;

/**
 * Half of the space for what is new, where fleets are large: V8 looks at it less often then, and carries less along that is gone soon (a sixth of
 * the time of 20,000 nodes). For workers that start from now on.
 */
const SEMI_SPACE_MB = 64;

function widenNewSpace(): void {
  for (const end of ["max", "min"]) setFlagsFromString(`--${end}-semi-space-size=${SEMI_SPACE_MB}`);
}

/** Runs fleets, each on one processor, several at once. Results are in the order of the inputs; `undefined` for a run that did not begin. */
export async function runFleets(
  inputs: readonly FleetInput[],
  workers: Workers,
  watch: FleetsWatch,
): Promise<readonly (FleetResult | undefined)[]> {
  const results: (FleetResult | undefined)[] = inputs.map(() => undefined);
  const left = inputs.entries();
  const take = (): Task | undefined => {
    const { value } = watch.signal.aborted ? { value: undefined } : left.next();
    return value === undefined ? undefined : { run: value[0], input: value[1] };
  };
  const hand = ({ run }: Task, result: FleetResult): void => void (results[run] = result);
  const count = Math.min(workers.count, inputs.length);
  if (count === 1 && inputs.every(fitsThisThread)) await workHere(take, hand, watch);
  else {
    if (!inputs.every(fitsThisThread)) widenNewSpace();
    const maxOldGenerationSizeMb = Math.floor((totalmem() * MEMORY_SHARE) / BYTES_PER_MB / count);
    const employ = (): Promise<void> =>
      workThere(new Worker(workers.program, { resourceLimits: { maxOldGenerationSizeMb } }), take, hand, watch);
    await Promise.all(Array.from({ length: count }, employ));
  }
  return results;
}

interface Task {
  readonly run: number;
  readonly input: FleetInput;
}
type Take = () => Task | undefined;
type Hand = (task: Task, result: FleetResult) => void;

async function workHere(take: Take, hand: Hand, { onProgress, signal }: FleetsWatch): Promise<void> {
  for (let task = take(); task !== undefined; task = take()) {
    const { run, input } = task;
    hand(task, await runFleet(input, { onProgress: (progress) => onProgress(run, progress), isStopped: () => signal.aborted }));
  }
}

function fitsThisThread({ nodeGroups, changes }: FleetInput): boolean {
  const nodes = nodeGroups.reduce((sum, { nodes, scaling }) => sum + Math.max(nodes, scaling?.max ?? 0), 0);
  const added = changes.reduce((sum, change) => sum + ("nodes" in change ? (change.nodes ?? 0) : 0), 0);
  return nodes + added <= NODES_IN_THIS_THREAD;
}

/** One worker, until there is nothing left to take. */
async function workThere(worker: Worker, take: Take, hand: Hand, { onProgress, signal }: FleetsWatch): Promise<void> {
  const tell = (message: ToWorker): void => worker.postMessage(message, []);
  const stop = (): void => tell({ kind: "stop" });
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (let task = take(); task !== undefined; task = take()) {
      const { run, input } = task;
      tell({ kind: "run", input });
      hand(task, await answerOf(worker, (progress) => onProgress(run, progress)));
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

function answerOf(worker: Worker, onProgress: (progress: FleetProgress) => void): Promise<FleetResult> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void): void => {
      worker.off("error", fail).off("message", hear);
      how();
    };
    const fail = (cause: Error): void => settle(() => reject(isOutOfMemory(cause) ? new FleetTooLarge() : cause));
    const hear = (message: FromWorker): void => {
      if (message.kind === "progress") return onProgress(message.progress);
      settle(() => (message.kind === "done" ? resolve(message.result) : reject(new RefusedFleet(message.message))));
    };
    worker.on("error", fail).on("message", hear);
  });
}

function isOutOfMemory(cause: Error): boolean {
  return "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
}
