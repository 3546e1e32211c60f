import { RESOURCES } from "@slash28/kube";
import { runContainer } from "./container-loop.ts";
import type { Sandbox } from "./container-runtime.ts";
import { runEphemeralContainers } from "./ephemeral-containers.ts";
import { DEADLINE_EXCEEDED, watchDeadline } from "./pod-deadline.ts";
import type { PodDeadline } from "./pod-deadline.ts";
import { messageOf } from "./pod-parts.ts";
import type { PodParts } from "./pod-parts.ts";
import { establishSandbox, removeSandbox, renewVolumes } from "./pod-sandbox.ts";
import { PodSession } from "./pod-session.ts";
import type { Container, Pod } from "./pod.ts";

/** Takes one pod through its life. */
export interface PodWorker {
  readonly session: PodSession;
  /** The pod changed in the API: its end matters here, its deadline, and what others say of its readiness. */
  update(pod: Pod): void;
  /** The pod is no longer in the API; what is left of it is ended. */
  forget(): void;
  /** The kubelet stops: ends the processes at once and leaves the rest. */
  abandon(): void;
  readonly done: Promise<void>;
}

const DELETE_RETRY_MS = 1_000;

export function startPodWorker(parts: PodParts, pod: Pod): PodWorker {
  const session = new PodSession(parts, pod);
  const deadline = watchDeadline(session);
  let isInApi = true;
  const take = (next: Pod): void => {
    session.update(next);
    if (next.metadata.deletionTimestamp !== undefined) {
      session.endingSince ??= parts.clock.now();
      session.ending.abort();
    }
    if (next.metadata.deletionTimestamp !== undefined && next.metadata.deletionGracePeriodSeconds === 0) session.killing.abort();
    deadline.update();
    if (session.writer.isOverwrittenIn(next)) session.publish(0);
  };
  take(pod);
  const done = live(session, deadline)
    .then(() => finish(session, () => isInApi))
    .catch((error: unknown) => {
      // A bug in one pod's life must not end the others'.
      parts.log.error("a pod's worker failed", {
        pod: `${pod.metadata.namespace}/${pod.metadata.name}`,
        detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    });
  return {
    session,
    update: take,
    forget() {
      isInApi = false;
      session.ending.abort();
    },
    abandon() {
      session.abandoned.abort();
      session.killing.abort();
      session.ending.abort();
    },
    done,
  };
}

/** Sandbox, containers, and again if the sandbox is lost; returns when the pod must go. */
async function live(session: PodSession, deadline: PodDeadline): Promise<void> {
  const { ending, over } = session;
  if (!ending.signal.aborted) session.publish();
  const renewing = keepVolumesFresh(session);
  while (!over.aborted) {
    const sandbox = await establishSandbox(session);
    if (sandbox === undefined) break;
    const outcome = await runContainers(session, sandbox);
    if (outcome === "completed") deadline.stop();
    await removeSandbox(session, sandbox);
    if (outcome === "completed") {
      session.publish(0);
      await until(ending.signal);
    } else if (!over.aborted) {
      session.report("Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    }
  }
  deadline.stop();
  if (session.expired.signal.aborted) {
    session.failure = DEADLINE_EXCEEDED;
    session.publish(0);
    await until(ending.signal);
  }
  await renewing;
}

async function finish(session: PodSession, isInApi: () => boolean): Promise<void> {
  const { pod, parts } = session;
  const { name, namespace, uid } = pod.metadata;
  session.hasEnded = true;
  if (!session.isAbandoned && isInApi()) session.publish(0);
  if (!session.isAbandoned) await session.writer.flush();
  session.dirs.remove();
  while (isInApi() && !session.isAbandoned) {
    try {
      await parts.kube.delete(RESOURCES.pods, name, namespace, { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { uid }) });
      break;
    } catch (error) {
      parts.log.warn("cannot delete a pod that has ended", { pod: `${namespace}/${name}`, detail: messageOf(error) });
      await parts.clock.sleep(DELETE_RETRY_MS, session.abandoned.signal);
    }
  }
}

/** Init containers one after the other, then all others; sidecars run beside them. */
async function runContainers(session: PodSession, sandbox: Sandbox): Promise<"completed" | "stopped"> {
  const lost = new AbortController();
  void sandbox.gone.then(() => lost.abort());
  const stop = AbortSignal.any([session.over, lost.signal]);
  const sidecars: Sidecar[] = [];
  const ephemerals = runEphemeralContainers(session, sandbox, stop);
  const initialized = await runInits({ session, sandbox, stop, lost: lost.signal, sidecars });
  if (initialized && !stop.aborted) {
    const { containers } = session.pod.spec;
    await Promise.all(containers.map((container) => runContainer({ session, sandbox, container, role: "main", stop })));
  }
  await ephemerals.stop();
  // They serve the others, so they go last, and the first to start is the last of them. KEP-753
  for (const { over, done } of sidecars.toReversed()) {
    over.abort();
    await done;
  }
  return stop.aborted ? "stopped" : "completed";
}

interface InitRun {
  readonly session: PodSession;
  readonly sandbox: Sandbox;
  readonly stop: AbortSignal;
  /** Fires when the sandbox is gone. */
  readonly lost: AbortSignal;
  readonly sidecars: Sidecar[];
}

interface Sidecar {
  /** Ends it. */
  readonly over: AbortController;
  readonly done: Promise<unknown>;
}

async function runInits({ session, sandbox, stop, lost, sidecars }: InitRun): Promise<boolean> {
  for (const container of session.pod.spec.initContainers ?? []) {
    if (stop.aborted) return false;
    if (isSidecarContainer(container)) {
      const over = new AbortController();
      const ends = AbortSignal.any([lost, over.signal, session.killing.signal]);
      sidecars.push({ over, done: runContainer({ session, sandbox, container, role: "sidecar", stop: ends }) });
      await session.untilStarted(container.name, stop);
    } else if ((await runContainer({ session, sandbox, container, role: "init", stop })) !== 0) {
      return false;
    }
  }
  return true;
}

function isSidecarContainer(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/** Renews tokens before they run out, and files when the ConfigMaps and Secrets they come from change. */
async function keepVolumesFresh(session: PodSession): Promise<void> {
  const { ending, parts } = session;
  let changed = new AbortController();
  const unlisten = parts.changes?.listen(session.pod, () => changed.abort());
  while (!ending.signal.aborted) {
    const untilMs = session.volumes?.refreshAfterMs ?? 60_000;
    await parts.clock.sleep(untilMs, AbortSignal.any([ending.signal, changed.signal]));
    const isChanged = changed.signal.aborted;
    changed = new AbortController();
    if (ending.signal.aborted || session.volumes === undefined || (!isChanged && session.volumes.refreshAfterMs === undefined)) continue;
    await renewVolumes(session).catch((error: unknown) =>
      parts.log.warn("cannot renew a pod's volumes", { pod: session.pod.metadata.name, detail: messageOf(error) }),
    );
  }
  unlisten?.();
}

function until(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
