import type { ProbeResult, RunningContainer } from "./container-runtime.ts";
import type { PodSession } from "./pod-session.ts";
import type { Container, Probe } from "./pod.ts";
import { watchProbe } from "./probe-loop.ts";
import { probeTarget } from "./probe-target.ts";

export interface ProbedContainer {
  readonly session: PodSession;
  readonly container: Container;
  readonly running: RunningContainer;
  /** The container must be ended and started anew; within this time, if the probe says one. */
  readonly onUnhealthy: (why: string, graceSeconds: number | undefined) => void;
}

/** Probes one run of a container until the signal: keeps `started` and `ready`, and says when it must be restarted. */
export async function watchContainer(probed: ProbedContainer, signal: AbortSignal): Promise<void> {
  const { session, container } = probed;
  const { startupProbe, readinessProbe, livenessProbe } = container;
  const isStarted = startupProbe === undefined || (await hasStarted(probed, startupProbe, signal));
  if (!isStarted || signal.aborted) return;
  if (startupProbe !== undefined) session.change(container.name, { started: true, ready: readinessProbe === undefined });
  const watches: Promise<void>[] = [];
  if (readinessProbe !== undefined) {
    watches.push(
      watch(
        probed,
        { kind: "Readiness", probe: readinessProbe, startsPassing: false, onTurn: (ready) => session.change(container.name, { ready }) },
        signal,
      ),
    );
  }
  if (livenessProbe !== undefined) {
    const onTurn = (): void =>
      probed.onUnhealthy(
        `Container ${container.name} failed liveness probe, will be restarted`,
        livenessProbe.terminationGracePeriodSeconds,
      );
    watches.push(watch(probed, { kind: "Liveness", probe: livenessProbe, startsPassing: true, onTurn }, signal));
  }
  await Promise.all(watches);
}

/** Resolves once the startup probe has passed; `false` when the container is given up before. */
async function hasStarted(probed: ProbedContainer, probe: Probe, signal: AbortSignal): Promise<boolean> {
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  let isStarted = false;
  let failures = 0;
  await watch(
    probed,
    {
      kind: "Startup",
      probe: { ...probe, successThreshold: 1 },
      startsPassing: false,
      onTurn: () => {
        isStarted = true;
        settled.abort();
      },
      onFailure: () => {
        failures++;
        if (failures < (probe.failureThreshold ?? 3)) return;
        const why = `Container ${probed.container.name} failed startup probe, will be restarted`;
        probed.onUnhealthy(why, probe.terminationGracePeriodSeconds);
        settled.abort();
      },
    },
    either,
  );
  return isStarted;
}

interface Watch {
  readonly kind: "Readiness" | "Liveness" | "Startup";
  readonly probe: Probe;
  readonly startsPassing: boolean;
  readonly onTurn: (isPassing: boolean) => void;
  readonly onFailure?: () => void;
}

function watch(probed: ProbedContainer, what: Watch, signal: AbortSignal): Promise<void> {
  const { session, container } = probed;
  return watchProbe(
    {
      probe: what.probe,
      startsPassing: what.startsPassing,
      run: () => probeOnce(probed, what.probe),
      onFailure: (output) => {
        session.report("Warning", "Unhealthy", `${what.kind} probe failed: ${output}`, container.name);
        what.onFailure?.();
      },
      onTurn: what.onTurn,
    },
    session.parts.clock,
    signal,
  );
}

function probeOnce({ session, container, running }: ProbedContainer, probe: Probe): Promise<ProbeResult> {
  const target = probeTarget(probe, container, { podIp: session.podIp ?? session.parts.node.address });
  switch (target.kind) {
    case "command":
      return running.run(target.command, (probe.timeoutSeconds ?? 1) * 1_000);
    case "network":
      return session.parts.runtime.probe(target.probe);
    default:
      return Promise.resolve({ isSuccess: false, output: target.why });
  }
}
