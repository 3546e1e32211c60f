import { checkClusterFile } from "@slash28/cluster-file";
import type { Clock, Log } from "@slash28/ports";
import { serveControl, startTicksOf, writeRecord, type LabPaths, type LabStatus } from "../control/index.ts";
import { removeLab } from "../cleanup/index.ts";
import type { LabOrder } from "./lab-order.ts";
import { startLab, textOf, type Lab } from "./lab.ts";

export interface SuperviseOptions {
  readonly paths: LabPaths;
  readonly order: LabOrder;
  readonly file: unknown;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The life of a lab's process: answers on the control socket from the start, brings the lab up, waits to be stopped, takes it down. */
export async function superviseLab({ paths, order, file, clock, random, log }: SuperviseOptions): Promise<void> {
  const checked = checkClusterFile(file);
  if (!checked.ok)
    throw new TypeError(`the cluster file was not checked: ${checked.problems.map((problem) => problem.message).join("; ")}`);
  const cluster = checked.file;
  writeRecord(paths.record, { pid: process.pid, startTicks: startTicksOf(process.pid) ?? "", name: cluster.name });
  const startedAt = new Date(clock.now()).toISOString();
  let state: LabStatus["state"] = "starting";
  let step: string | undefined = "starting";
  let lab: Lab | undefined;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  process.on("SIGTERM", stop).on("SIGINT", stop);

  const status = async (): Promise<LabStatus> => ({
    state,
    ...(step === undefined ? {} : { step }),
    name: cluster.name,
    region: cluster.region,
    dataPlane: order.dataPlane,
    startedAt,
    ...((await lab?.status()) ?? { endpoints: { kubernetes: "", aws: "", kubeconfig: paths.kubeconfig }, nodes: [], subnets: [] }),
  });
  const verify = (): ReturnType<Lab["verify"]> =>
    lab === undefined ? Promise.reject(new Error("the lab is still starting; try again in a moment")) : lab.verify();
  const control = await serveControl(paths.control, { status, stop, verify });

  let failure: unknown;
  const starting = startLab({ file: cluster, order, paths, clock, random, log, onStep: (text) => (step = text) }).then(
    (started) => {
      lab = started;
      state = "running";
      step = undefined;
      log.info("the lab runs");
    },
    (cause: unknown) => {
      failure = cause;
      stop();
    },
  );
  await stopped;
  state = "stopping";
  step = "ending pods and nodes";
  await Promise.race([starting, clock.sleep(2_000)]);
  await lab?.close();
  control.close();
  control.closeAllConnections();
  if (failure !== undefined) log.error("the lab could not be brought up", { detail: textOf(failure) });
  else removeLab(paths, cluster.name);
  process.exit(failure === undefined ? 0 : 1);
}
