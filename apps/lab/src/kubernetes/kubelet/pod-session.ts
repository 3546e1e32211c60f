import type { EventReport } from "@slash28/kube";
import type { RunningContainer, Sandbox } from "./container-runtime.ts";
import type { NamedData } from "./environment.ts";
import { DEADLINE_EXCEEDED } from "./pod-deadline.ts";
import { podDirectories } from "./pod-directories.ts";
import type { PodDirectories } from "./pod-directories.ts";
import { timestamp } from "./pod-parts.ts";
import type { PodParts } from "./pod-parts.ts";
import { podStatus } from "./pod-status.ts";
import type { PodFacts } from "./pod-status.ts";
import type { Container, ContainerState, ContainerStatus, EphemeralContainer, Pod, PodStatus } from "./pod.ts";
import { createStatusWriter } from "./status-writer.ts";
import type { StatusWriter } from "./status-writer.ts";
import type { PodVolumes } from "./volumes.ts";

/** How long a pod's first status may wait: most pods run before it would be written. */
const UNHURRIED_MS = 150;
const DEFAULT_GRACE_SECONDS = 30;

/** One pod while this kubelet has it: what is known, and who must be told. */
export class PodSession {
  readonly parts: PodParts;
  readonly dirs: PodDirectories;
  readonly writer: StatusWriter;
  readonly startTime: string;
  /** Fires when the pod must end. */
  readonly ending = new AbortController();
  /** Fires when its containers must end although it was not told to: its time is up. */
  readonly expired = new AbortController();
  /** Fires when its containers must end, for either reason. */
  readonly over = AbortSignal.any([this.ending.signal, this.expired.signal]);
  /** Fires when it must end at once. */
  readonly killing = new AbortController();
  /** Fires when the kubelet stops: nothing is told or tried any more. */
  readonly abandoned = new AbortController();
  /** Containers that run now, by name. */
  readonly running = new Map<string, RunningContainer>();
  /** When the pod had to end. */
  endingSince: number | undefined;
  /** Every container has ended for good. */
  hasEnded = false;
  /** Why it failed, once its containers have ended for it. */
  failure: PodFacts["failure"];
  pod: Pod;
  sandbox: Sandbox | undefined;
  podIp: string | undefined;
  volumes: PodVolumes | undefined;
  data: NamedData = { configMaps: new Map(), secrets: new Map() };
  #statuses: ReadonlyMap<string, ContainerStatus>;
  #lastStatus: PodStatus | undefined;
  readonly #startWaiters: (() => void)[] = [];
  readonly #updateListeners = new Set<() => void>();

  constructor(parts: PodParts, pod: Pod) {
    this.parts = parts;
    this.pod = pod;
    this.dirs = podDirectories(parts.node.rootDir, pod);
    this.writer = createStatusWriter({ kube: parts.kube, clock: parts.clock, log: parts.log, pod });
    // A kubelet that is new here takes a pod over as it is.
    this.startTime = pod.status?.startTime ?? timestamp(parts.clock);
    this.#lastStatus = pod.status;
    const first = (pod.spec.initContainers ?? []).length > 0 ? "PodInitializing" : "ContainerCreating";
    this.#statuses = new Map(this.containers().map((container) => [container.name, newStatus(container, first)]));
    for (const status of pod.status?.ephemeralContainerStatuses ?? []) this.#takeOver(status);
  }

  /** The pod as it is in the API now. */
  update(pod: Pod): void {
    this.pod = pod;
    for (const listener of this.#updateListeners) listener();
  }

  /** Called after each change of the pod in the API; the result ends it. */
  onUpdate(listener: () => void): () => void {
    this.#updateListeners.add(listener);
    return () => void this.#updateListeners.delete(listener);
  }

  /** Ephemeral containers that nothing is known of yet; from now on something is. */
  takeNewEphemerals(): readonly EphemeralContainer[] {
    const added = (this.pod.spec.ephemeralContainers ?? []).filter(({ name }) => !this.#statuses.has(name));
    for (const container of added) this.#statuses = new Map(this.#statuses).set(container.name, newStatus(container, "ContainerCreating"));
    if (added.length > 0) this.publish(0);
    return added;
  }

  /** An earlier kubelet ran it, and with that it is over: each runs once. */
  #takeOver(status: Omit<ContainerStatus, "started">): void {
    if (status.containerID === undefined && status.state.terminated === undefined) return;
    const terminated = status.state.terminated ?? {
      exitCode: 137,
      reason: "ContainerStatusUnknown",
      message: "The container could not be located when the pod was terminated",
    };
    this.#statuses = new Map(this.#statuses).set(status.name, { ...status, started: false, state: { terminated } });
  }

  get isAbandoned(): boolean {
    return this.abandoned.signal.aborted;
  }

  containers(): readonly Container[] {
    return [...(this.pod.spec.initContainers ?? []), ...this.pod.spec.containers];
  }

  status(name: string): ContainerStatus | undefined {
    return this.#statuses.get(name);
  }

  /** Changes what is known of one container and tells it. */
  change(name: string, change: Partial<ContainerStatus>): void {
    const before = this.#statuses.get(name);
    if (before === undefined) return;
    this.#statuses = new Map(this.#statuses).set(name, { ...before, ...change });
    if (change.started === true) for (const waiter of this.#startWaiters.splice(0)) waiter();
    this.publish(0);
  }

  /** Resolves once the container has started, its startup probe included, or the signal fires. */
  async untilStarted(name: string, signal: AbortSignal): Promise<void> {
    while (this.#statuses.get(name)?.started !== true && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#startWaiters.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** A new state; a container that ended keeps its end as the last state. */
  enter(name: string, state: ContainerState, change: Partial<ContainerStatus> = {}): void {
    const before = this.#statuses.get(name);
    const ended = before?.state.terminated;
    this.change(name, { ...change, state, ...(ended === undefined ? {} : { lastState: { terminated: ended } }) });
  }

  publish(soonMs: number = UNHURRIED_MS): void {
    const of = (containers: readonly Container[] | undefined): readonly ContainerStatus[] =>
      (containers ?? []).flatMap(({ name }) => this.#statuses.get(name) ?? []);
    const facts: PodFacts = {
      hostIp: this.parts.node.address,
      startTime: this.startTime,
      hasSandbox: this.sandbox !== undefined,
      hasEnded: this.hasEnded,
      ...(this.podIp === undefined ? {} : { podIp: this.podIp }),
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      init: of(this.pod.spec.initContainers),
      containers: of(this.pod.spec.containers),
      ephemeral: of(this.pod.spec.ephemeralContainers),
    };
    this.#lastStatus = podStatus(this.pod, facts, this.#lastStatus, timestamp(this.parts.clock));
    if (!this.isAbandoned) this.writer.write(this.#lastStatus, soonMs);
  }

  report(type: EventReport["type"], reason: string, message: string, container?: string): void {
    if (!this.isAbandoned)
      this.parts.report(this.pod, { type, reason, message, ...(container === undefined ? {} : { fieldPath: this.#fieldPath(container) }) });
  }

  /** The pod was active for too long. */
  expire(): void {
    if (this.over.aborted) return;
    this.report("Normal", DEADLINE_EXCEEDED.reason, DEADLINE_EXCEEDED.message);
    this.endingSince = this.parts.clock.now();
    this.expired.abort();
  }

  /** How long the pod's programs may take to end. */
  graceMs(): number {
    const { metadata, spec } = this.pod;
    return (metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1_000;
  }

  /** What is left of that time since the pod had to end; all of it before. */
  graceLeftMs(): number {
    if (this.endingSince === undefined) return this.graceMs();
    return Math.max(0, this.endingSince + this.graceMs() - this.parts.clock.now());
  }

  #fieldPath(container: string): string {
    const { initContainers, ephemeralContainers } = this.pod.spec;
    const isIn = (list: readonly Container[] | undefined): boolean => list?.some(({ name }) => name === container) === true;
    const list = isIn(initContainers) ? "initContainers" : isIn(ephemeralContainers) ? "ephemeralContainers" : "containers";
    return `spec.${list}{${container}}`;
  }
}

function newStatus(container: Container, reason: string): ContainerStatus {
  return {
    name: container.name,
    state: { waiting: { reason } },
    lastState: {},
    ready: false,
    started: false,
    restartCount: 0,
    image: container.image ?? "",
    imageID: "",
  };
}
