import type { Happening } from "../time/event-queue.ts";
import type { PodEvent, PodEvents, Workload } from "../workloads/workload.ts";
import type { World } from "../world.ts";
import { endPod, wantPod } from "./pod-life.ts";
import type { Pod, PodSpec } from "./pod.ts";

/** Plays a workload: takes its events one by one, when their time has come. */
export class PodFeed implements Happening {
  readonly #world: World;
  readonly #workload: Workload;
  readonly #events: PodEvents;
  /** Those that an `end` may name. */
  readonly #pods = new Map<number, Pod>();
  readonly #spec: PodSpec;
  #next: PodEvent | undefined;

  constructor(world: World, workload: Workload, events: PodEvents) {
    this.#world = world;
    this.#workload = workload;
    this.#events = events;
    this.#spec = { group: workload.nodeGroup, isDaemon: false, isIsolated: workload.isIsolated === true };
  }

  start(): void {
    this.#take();
  }

  fire(): void {
    const { now } = this.#world.queue;
    for (let event = this.#next; event !== undefined && event.atMs <= now; event = this.#next) {
      this.#play(event);
      this.#next = this.#read();
    }
    if (this.#next !== undefined) this.#world.queue.at(this.#next.atMs, this);
  }

  #take(): void {
    this.#next = this.#read();
    if (this.#next !== undefined) this.#world.queue.at(this.#next.atMs, this);
  }

  #read(): PodEvent | undefined {
    const { done, value } = this.#events.next();
    return done === true ? undefined : value;
  }

  #play(event: PodEvent): void {
    if (event.kind === "end") {
      const pod = this.#pods.get(event.pod);
      if (pod === undefined) throw new RangeError(`workload ${this.#workload.name} ends pod ${event.pod}, which it has not started`);
      this.#pods.delete(event.pod);
      return endPod(this.#world, pod);
    }
    const { runsForMs } = event;
    const pod = wantPod(this.#world, this.#spec, runsForMs);
    if (runsForMs === undefined) this.#pods.set(event.pod, pod);
  }
}
