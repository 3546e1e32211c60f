import { appendFileSync } from "node:fs";
import { Fault } from "@slash28/ports";
import type { Clock } from "@slash28/ports";
import { startSimulatedProcess } from "./simulated-process.ts";
import type { ContainerRequest, ContainerRuntime, RunningContainer } from "./container-runtime.ts";

const SAYS = "This lab's data plane is simulated: the container is shown as running, but no process runs.";
const TERMINATED = 143;
const KILLED = 137;

/** Pods without processes: containers that only claim to run, and tasks that succeed at once. The node's own agent is a real one. */
export function createSimulatedRuntime(clock: Clock): ContainerRuntime {
  return {
    createSandbox({ id }) {
      let end = (): void => undefined;
      const gone = new Promise<void>((resolve) => (end = resolve));
      return Promise.resolve({ id, netns: `simulated:${id}`, gone, remove: () => Promise.resolve(end()) });
    },
    startContainer(request) {
      if (request.rule.runsSimulated === true) return startSimulatedProcess(request, clock);
      appendFileSync(request.logFile, `${new Date(clock.now()).toISOString()} stdout F ${SAYS}\n`);
      return Promise.resolve(claimed(request));
    },
    connect: () =>
      Promise.reject(
        new Fault("BAD_REQUEST", {
          detail: "this lab's data plane is simulated: a pod has no ports to connect to; start the lab as root on Linux",
        }),
      ),
    probe: () => Promise.resolve({ isSuccess: true, output: "" }),
  };
}

function claimed(request: ContainerRequest): RunningContainer {
  let end: (code: number) => void = () => undefined;
  const exit = request.isTask ? Promise.resolve(0) : new Promise<number>((resolve) => (end = resolve));
  return {
    id: request.id,
    exit,
    terminate: () => end(TERMINATED),
    kill: () => end(KILLED),
    run: () => Promise.resolve({ isSuccess: true, output: "" }),
    exec: () =>
      Promise.reject(
        new Fault("BAD_REQUEST", {
          detail: "this lab's data plane is simulated: there is no process to run a command beside; start the lab as root on Linux",
        }),
      ),
  };
}
