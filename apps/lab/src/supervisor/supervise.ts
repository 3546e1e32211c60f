import { checkClusterFile, type ClusterFile } from "@slash28/cluster-file";
import type { Clock, Log } from "@slash28/ports";
import { removeLab } from "../cleanup/index.ts";
import {
  serveControl,
  startTicksOf,
  stateRecord,
  writeRecord,
  type ControlHandlers,
  type LabPaths,
  type LabStatus,
} from "../control/index.ts";
import { checkState, DamagedState, NO_STATE, openFileState, type StateStore } from "../state/index.ts";
import { textOf } from "./failure-text.ts";
import { keptShapes } from "./kept-shapes/index.ts";
import type { LabOrder } from "./lab-order.ts";
import { startLab, type Lab } from "./lab.ts";

export interface SuperviseOptions {
  readonly paths: LabPaths;
  readonly order: LabOrder;
  readonly file: unknown;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Where a lab is in its life; one object that the control socket reads and the life below writes. */
interface Life {
  state: LabStatus["state"];
  step: string | undefined;
  lab: Lab | undefined;
}

/** How long an interrupted start may go on before its remains are removed by name. */
const START_GRACE_MS = 2_000;

/** The life of a lab's process: answers on the control socket from the start, brings the lab up, waits to be stopped, takes it down. */
export async function superviseLab(options: SuperviseOptions): Promise<void> {
  const { paths, order, clock, log } = options;
  const file = checkedFile(options.file);
  writeRecord(paths.record, { pid: process.pid, startTicks: startTicksOf(process.pid) ?? "", name: file.name });
  const state = order.stateDir === undefined ? NO_STATE : takeState(order.stateDir, file.name, log);
  const life: Life = { state: "starting", step: "starting", lab: undefined };
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  process.on("SIGTERM", stop).on("SIGINT", stop);
  const control = await serveControl(paths.control, handlersOf(life, file, options, stop));

  let failure: unknown;
  const starting = bringUp(life, file, options, state).catch((cause: unknown) => {
    failure = cause;
    stop();
  });
  await stopped;
  life.state = "stopping";
  life.step = "ending pods and nodes";
  await Promise.race([starting, clock.sleep(START_GRACE_MS)]);
  await life.lab?.close();
  state.close();
  control.close();
  control.closeAllConnections();
  // After a failure the log stays for the command that waits to read it; it removes the rest.
  if (failure === undefined) removeLab(paths, file.name);
  else log.error("the lab could not be brought up", { detail: `${textOf(failure)}${hintFor(state, order)}` });
  process.exit(failure === undefined ? 0 : 1);
}

/** What else may be wrong when a kept lab does not come up: its files are read as the last lab wrote them. */
function hintFor(state: StateStore, { stateDir }: LabOrder): string {
  return state.isRestored
    ? `; it went on from ${stateDir}: if that was changed by hand, put back a copy, or start with an empty folder`
    : "";
}

async function bringUp(
  life: Life,
  file: ClusterFile,
  { order, paths, clock, random, log }: SuperviseOptions,
  state: StateStore,
): Promise<void> {
  const onStep = (step: string): void => {
    if (life.state === "starting") life.step = step;
    log.info(step);
  };
  life.lab = await startLab({ file, order, paths, state, clock, random, log, onStep });
  if (life.state !== "starting") return;
  life.state = "running";
  life.step = undefined;
  log.info("the lab runs");
}

function handlersOf(life: Life, file: ClusterFile, { order, paths, clock }: SuperviseOptions, stop: () => void): ControlHandlers {
  const startedAt = new Date(clock.now()).toISOString();
  const running = (): Lab => {
    if (life.lab === undefined) throw new Error("the lab is still starting; try again in a moment");
    return life.lab;
  };
  return {
    status: async () => ({
      state: life.state,
      ...(life.step === undefined ? {} : { step: life.step }),
      name: file.name,
      region: file.region,
      dataPlane: order.dataPlane,
      ...(order.stateDir === undefined ? {} : { stateDir: order.stateDir }),
      startedAt,
      ...((await life.lab?.status()) ?? {
        endpoints: { kubernetes: "", aws: "", kubeconfig: paths.kubeconfig },
        nodes: [],
        clusters: [],
        subnets: [],
      }),
    }),
    stop,
    verify: async (cluster) => running().verify(cluster),
    pools: async () => running().pools(),
    evidence: async (node) => running().evidence(node),
    orderFault: async (ordered) => running().faults.order(ordered),
    faults: () => running().faults.all(),
    clearFaults: async (id) => running().faults.clear(id),
    events: () => running().events(),
  };
}

/** Opens the kept state, and leaves word that it is in use. Ends the process where a lab cannot go on from it, which is then as it was. */
function takeState(folder: string, name: string, log: Log): StateStore {
  try {
    checkState(folder, keptShapes(name));
  } catch (cause) {
    if (!(cause instanceof DamagedState)) throw cause;
    log.error("the lab could not be brought up", { detail: cause.message });
    process.exit(1);
  }
  const state = openFileState(folder);
  writeRecord(stateRecord(folder), { pid: process.pid, startTicks: startTicksOf(process.pid) ?? "", name });
  return state;
}

/** The command checked the file before it started this process: anything wrong with it now is a mistake of ours. */
function checkedFile(document: unknown): ClusterFile {
  const checked = checkClusterFile(document);
  if (checked.ok) return checked.file;
  throw new TypeError(`the cluster file was not checked: ${checked.problems.map((problem) => problem.message).join("; ")}`);
}
