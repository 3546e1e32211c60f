import { parentPort } from "node:worker_threads";
import type { FleetInput, FleetProgress, FleetResult } from "@slash28/fleet";
import { RefusedFleet, runFleet } from "./run-fleet.ts";

/** What a worker is told. */
export type ToWorker = { readonly kind: "run"; readonly input: FleetInput } | { readonly kind: "stop" };

/** What a worker tells. */
export type FromWorker =
  | { readonly kind: "progress"; readonly progress: FleetProgress }
  | { readonly kind: "done"; readonly result: FleetResult }
  | { readonly kind: "refused"; readonly message: string };

/** A program of its own for worker threads: runs one fleet after the other, and tells how far it is. */
let isStopped = false;
const tell = (message: FromWorker): void => parentPort?.postMessage(message, []);

parentPort?.on("message", (message: ToWorker) => {
  if (message.kind === "stop") isStopped = true;
  else void run(message.input);
});

async function run(input: FleetInput): Promise<void> {
  try {
    const result = await runFleet(input, { onProgress: (progress) => tell({ kind: "progress", progress }), isStopped: () => isStopped });
    tell({ kind: "done", result });
  } catch (cause) {
    if (cause instanceof RefusedFleet) return tell({ kind: "refused", message: cause.message });
    throw cause;
  }
}
