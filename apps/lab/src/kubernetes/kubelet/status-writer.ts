import { RESOURCES, isNotFound } from "@slash28/kube";
import type { Clock, Kube, Log } from "@slash28/ports";
import type { Pod, PodStatus } from "./pod.ts";

/** Brings one pod's status to the API server: one write at a time, always the latest. */
export interface StatusWriter {
  /** `soonMs`: may wait that long for a later one to take its place. */
  write(status: PodStatus, soonMs: number): void;
  /** Whether another one has written whether the pod is ready, and differently, after the latest status was written. */
  isOverwrittenIn(pod: Pod): boolean;
  /** Resolves once the latest is written. */
  flush(): Promise<void>;
}

export interface StatusWriterOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly log: Log;
  readonly pod: Pod;
}

const RETRY_MS = 1_000;
const TRIES = 30;

export function createStatusWriter(options: StatusWriterOptions): StatusWriter {
  let latest: PodStatus | undefined;
  let writing: Promise<void> | undefined;
  let hurry = new AbortController();
  let written: Written | undefined;
  const pump = async (soonMs: number): Promise<void> => {
    await options.clock.sleep(soonMs, hurry.signal);
    hurry = new AbortController();
    for (let failures = 0; latest !== undefined && failures < TRIES;) {
      const status = latest;
      latest = undefined;
      const outcome = await writeOnce(options, status, written?.status.podIP !== undefined && written.status.podIP !== status.podIP);
      if (outcome.isDone) {
        written = { status, version: outcome.version };
        continue;
      }
      failures++;
      latest ??= status;
      await options.clock.sleep(RETRY_MS);
    }
    // In the same turn as the look at `latest`: a status that came between the two would wait for the next one.
    writing = undefined;
  };
  return {
    write(status, soonMs) {
      latest = status;
      if (soonMs === 0) hurry.abort();
      writing ??= pump(soonMs);
    },
    isOverwrittenIn(pod) {
      // While one is under way, it has the last word anyway.
      if (writing !== undefined || written === undefined) return false;
      return Number(pod.metadata.resourceVersion) > written.version && readiness(pod.status) !== readiness(written.status);
    },
    async flush() {
      hurry.abort();
      await writing;
    },
  };
}

interface Written {
  readonly status: PodStatus;
  /** The pod's, with this status in it. */
  readonly version: number;
}

function readiness(status: PodStatus | undefined): string | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready")?.status;
}

/** Whether there is nothing left to do: it is written, or the pod is gone. */
type WriteOutcome = { readonly isDone: false } | { readonly isDone: true; readonly version: number };

async function writeOnce(options: StatusWriterOptions, status: PodStatus, dropsIps: boolean): Promise<WriteOutcome> {
  const { metadata } = options.pod;
  // Conditions merge by type, so those that others own stay; what one no longer says must be taken away by name.
  const conditions = status.conditions?.map((condition) => ({ reason: null, message: null, ...condition }));
  // Addresses merge too and must be replaced.
  const podIPs = dropsIps ? { podIP: status.podIP ?? null, podIPs: [...(status.podIPs ?? []), { $patch: "replace" }] } : {};
  try {
    const { metadata: now } = await options.kube.patch(RESOURCES.pods, metadata.name, metadata.namespace, {
      kind: "strategic",
      subresource: "status",
      body: { metadata: { uid: metadata.uid }, status: { ...status, conditions, ...podIPs } },
    });
    return { isDone: true, version: Number(now.resourceVersion) };
  } catch (error) {
    if (isNotFound(error)) return { isDone: true, version: Number.POSITIVE_INFINITY };
    options.log.warn("cannot write a pod's status", {
      pod: `${metadata.namespace}/${metadata.name}`,
      detail: error instanceof Error ? error.message : String(error),
    });
    return { isDone: false };
  }
}
