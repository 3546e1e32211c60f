import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { perform, type Outcome, type Task } from "./task.ts";

export interface CrewOptions<T extends Task> {
  /** The module that calls `serveTasks` in a worker. */
  readonly program: URL;
  /** Ends the work early; what is done is handed back. */
  readonly signal: AbortSignal;
  readonly onDone: (outcome: Outcome<T>) => void;
}

/** Performs tasks, on every processor at once when there are several. Outcomes come in the order of the tasks, whoever was first. */
export async function performAll<T extends Task>(tasks: readonly T[], options: CrewOptions<T>): Promise<readonly Outcome<T>[]> {
  const outcomes = new Map<number, Outcome<T>>();
  let next = 0;
  const take = (): number | undefined => (next < tasks.length && !options.signal.aborted ? next++ : undefined);
  const crew = Array.from({ length: Math.min(availableParallelism(), tasks.length) }, () =>
    employ(options, tasks, take, (index, outcome) => {
      outcomes.set(index, outcome);
      options.onDone(outcome);
    }),
  );
  await Promise.all(crew);
  return [...outcomes].sort(([a], [b]) => a - b).map(([, outcome]) => outcome);
}

function employ<T extends Task>(
  { program, signal }: CrewOptions<T>,
  tasks: readonly T[],
  take: () => number | undefined,
  onOutcome: (index: number, outcome: Outcome<T>) => void,
): Promise<void> {
  const worker = new Worker(program);
  let doing: number | undefined;
  return new Promise((resolve, reject) => {
    const leave = (): void => void worker.terminate().then(() => resolve(), reject);
    const assign = (): void => {
      doing = take();
      if (doing === undefined) leave();
      else worker.postMessage(tasks[doing], []);
    };
    signal.addEventListener("abort", leave, { once: true });
    worker.on("error", reject);
    worker.on("message", (outcome: Outcome<T>) => {
      if (doing === undefined || signal.aborted) return;
      onOutcome(doing, outcome);
      assign();
    });
    assign();
  });
}

/** In a worker: performs what it is sent, one task after the other. `false` in the program's own thread. */
export function serveTasks(): boolean {
  const port = parentPort;
  if (isMainThread || port === null) return false;
  port.on("message", (task: Task) => void perform(task).then((outcome) => port.postMessage(outcome)));
  return true;
}
