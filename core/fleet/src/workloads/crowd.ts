import type { Random } from "@slash28/simulation";
import type { PodEvent } from "./workload.ts";

/** The pods of a workload that are wanted now, and the number of the next one. Memory is that of the pods that are wanted. */
export class Crowd {
  readonly #pods: number[] = [];
  #next = 0;

  get size(): number {
    return this.#pods.length;
  }

  start(atMs: number): PodEvent {
    const pod = this.#next++;
    this.#pods.push(pod);
    return { kind: "start", atMs: Math.round(atMs), pod };
  }

  /** Ends the pod that came last, as a controller does that scales down. */
  endLast(atMs: number): PodEvent {
    return this.#end(atMs, this.#pods.length - 1);
  }

  endAny(atMs: number, random: Random): PodEvent {
    return this.#end(atMs, random.int(this.#pods.length));
  }

  #end(atMs: number, index: number): PodEvent {
    const pod = this.#pods[index];
    const last = this.#pods.pop();
    if (pod === undefined || last === undefined) throw new RangeError("no pod is there that could end");
    if (index < this.#pods.length) this.#pods[index] = last;
    return { kind: "end", atMs: Math.round(atMs), pod };
  }
}
