import { watchContainer } from "./container-probes.ts";
import type { RunningContainer, Sandbox } from "./container-runtime.ts";
import { runHook } from "./hooks.ts";
import { startContainer } from "./container-start.ts";
import { stopContainer } from "./container-stop.ts";
import { timestamp } from "./pod-parts.ts";
import type { PodSession } from "./pod-session.ts";
import type { EphemeralContainer, TerminatedState } from "./pod.ts";
import { NO_CRASH, afterEnd, isRestarted } from "./restart-decision.ts";
import type { ContainerRole, CrashBackOff } from "./restart-decision.ts";
import { terminationMessage } from "./termination-message.ts";

/** A hook has no limit upstream; a day is none. */
const POST_START_MS = 86_400_000;
/** What a container could not be run with is exit code 128, as container runtimes have it. */
const CANNOT_RUN = 128;

export interface ContainerRun {
  readonly session: PodSession;
  readonly sandbox: Sandbox;
  readonly container: EphemeralContainer;
  readonly role: ContainerRole;
  /** Fires when the container must end: the pod ends, or its sandbox is gone. */
  readonly stop: AbortSignal;
  /** Called each time the container has started. */
  readonly onStarted?: () => void;
}

interface End {
  readonly code: number;
  readonly ranMs: number;
}

/** Runs a container, again and again as its pod's restart policy says. Resolves to the last exit code; `undefined` when it was stopped. */
export async function runContainer(run: ContainerRun): Promise<number | undefined> {
  const { session, container, role, stop } = run;
  const { clock, tuning } = session.parts;
  let crashes: CrashBackOff = NO_CRASH;
  let refusals: CrashBackOff = NO_CRASH;
  // It ran in an earlier sandbox of this pod.
  if (session.status(container.name)?.containerID !== undefined) countRestart(run);
  while (!stop.aborted) {
    const end = await runOnce(run);
    if (end === "cannot") {
      const { waitMs, next } = afterEnd(refusals, 0, tuning.containerRetryMs);
      refusals = next;
      await clock.sleep(waitMs === 0 ? tuning.containerRetryMs.first : waitMs, stop);
      continue;
    }
    if (stop.aborted || !isRestarted(session.pod.spec.restartPolicy, role, end.code)) return stop.aborted ? undefined : end.code;
    const { waitMs, next } = afterEnd(crashes, end.ranMs, tuning.containerRetryMs);
    crashes = next;
    if (waitMs > 0) await backOff(run, waitMs);
    if (!stop.aborted) countRestart(run);
  }
  return undefined;
}

function countRestart({ session, container }: ContainerRun): void {
  session.change(container.name, { restartCount: (session.status(container.name)?.restartCount ?? 0) + 1 });
}

async function backOff({ session, container, stop }: ContainerRun, waitMs: number): Promise<void> {
  const { name, namespace = "default", uid } = session.pod.metadata;
  const where = `container ${container.name} in pod ${name}_${namespace}(${uid})`;
  session.enter(container.name, {
    waiting: {
      reason: "CrashLoopBackOff",
      message: `back-off ${waitMs / 1_000}s restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`,
    },
  });
  session.report("Warning", "BackOff", `Back-off restarting failed ${where}`, container.name);
  await session.parts.clock.sleep(waitMs, stop);
}

/** From start to end. */
async function runOnce(run: ContainerRun): Promise<End | "cannot"> {
  const { session, sandbox, container, role } = run;
  const { clock } = session.parts;
  const begun = clock.now();
  const start = await startContainer(session, sandbox, container, role);
  if (start.kind === "cannot") {
    refuse(run, start.reason, start.why);
    return "cannot";
  }
  const image = container.image ?? "";
  session.report("Normal", "Pulled", `Container image "${image}" already present on machine`, container.name);
  session.report("Normal", "Created", `Created container: ${container.name}`, container.name);
  if (start.kind === "failed") {
    session.report("Warning", "Failed", `Error: failed to create containerd task: ${start.why}`, container.name);
    ended(run, {
      exitCode: CANNOT_RUN,
      reason: "StartError",
      message: `failed to start container "${start.id}": ${start.why}`,
      containerID: `containerd://${start.id}`,
    });
    return { code: CANNOT_RUN, ranMs: 0 };
  }
  const startedAt = timestamp(clock);
  const running = start.container;
  const containerID = `containerd://${running.id}`;
  const isStarted = container.startupProbe === undefined;
  session.running.set(container.name, running);
  session.report("Normal", "Started", `Started container ${container.name}`, container.name);
  session.enter(
    container.name,
    { running: { startedAt } },
    {
      containerID,
      imageID: `stand-in:${image}`,
      started: isStarted,
      ready: role !== "ephemeral" && isStarted && container.readinessProbe === undefined,
    },
  );
  run.onStarted?.();
  const code = await untilEnd(run, running);
  session.running.delete(container.name);
  const restart = session.status(container.name)?.restartCount ?? 0;
  const files = { message: session.dirs.messageFile(container.name), log: session.dirs.logFile(container.name, restart) };
  const message = terminationMessage(container, files, code);
  const reason = code === 0 ? "Completed" : "Error";
  ended(run, { exitCode: code, reason, ...(message === undefined ? {} : { message }), startedAt, containerID });
  return { code, ranMs: clock.now() - begun };
}

function refuse({ session, container }: ContainerRun, reason: "ErrImagePull" | "CreateContainerConfigError", why: string): void {
  const isImage = reason === "ErrImagePull";
  const isAgain =
    session.status(container.name)?.state.waiting?.reason.startsWith(isImage ? "ErrImage" : "Create") === true ||
    session.status(container.name)?.state.waiting?.reason === "ImagePullBackOff";
  const image = container.image ?? "";
  if (isImage && isAgain) {
    session.report("Normal", "BackOff", `Back-off pulling image "${image}"`, container.name);
    session.enter(container.name, {
      waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}": ErrImagePull: ${why}` },
    });
    return;
  }
  session.report("Warning", "Failed", isImage ? `Failed to pull image "${image}": ${why}` : `Error: ${why}`, container.name);
  if (isImage) session.report("Warning", "Failed", "Error: ErrImagePull", container.name);
  session.enter(container.name, { waiting: { reason, message: why } });
}

function ended({ session, container, role }: ContainerRun, state: TerminatedState): void {
  session.enter(
    container.name,
    { terminated: { ...state, finishedAt: timestamp(session.parts.clock) } },
    { ready: role === "init" && state.exitCode === 0, started: false },
  );
}

interface Unhealthy {
  readonly why: string;
  /** Absent: the pod's. */
  readonly graceSeconds: number | undefined;
}

/** A container whose hook fails is ended, and started anew as its restart policy says. */
async function postStart({ session, container }: ContainerRun, running: RunningContainer, onFailed: (why: string) => void): Promise<void> {
  const handler = container.lifecycle?.postStart;
  if (handler === undefined) return;
  const { isSuccess, output } = await runHook(session, { handler, container, running, timeoutMs: POST_START_MS });
  // Whatever a hook in a container says that has ended meanwhile, it ended.
  if (isSuccess || !session.running.has(container.name)) return;
  session.report("Warning", "FailedPostStartHook", `PostStartHook failed: ${output}`, container.name);
  onFailed("FailedPostStartHook");
}

/** Waits for the container's own end, or brings it about when it is unhealthy or must stop. */
async function untilEnd(run: ContainerRun, running: RunningContainer): Promise<number> {
  const { session, container, stop } = run;
  const over = new AbortController();
  let onUnhealthy = (_why: string, _graceSeconds?: number): void => undefined;
  const unhealthy = new Promise<Unhealthy>((resolve) => {
    onUnhealthy = (why, graceSeconds) => resolve({ why, graceSeconds });
  });
  const stopped = new Promise<"stopped">((resolve) => {
    if (stop.aborted) resolve("stopped");
    stop.addEventListener("abort", () => resolve("stopped"), { once: true, signal: over.signal });
  });
  void watchContainer({ session, container, running, onUnhealthy }, over.signal);
  void postStart(run, running, onUnhealthy);
  const first = await Promise.race([running.exit, unhealthy, stopped]);
  over.abort();
  if (typeof first === "number") return first;
  const why = first === "stopped" ? `Stopping container ${container.name}` : first.why;
  session.report("Normal", "Killing", why, container.name);
  const ownGrace = first === "stopped" ? undefined : first.graceSeconds;
  return await stopContainer(session, container, running, ownGrace === undefined ? session.graceLeftMs() : ownGrace * 1_000);
}
