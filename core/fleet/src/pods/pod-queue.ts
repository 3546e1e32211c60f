import type { Pod } from "./pod.ts";

const TRIM_AFTER = 1_024;

/** Pods in line for a node, the first to come first. One that gave up is passed over when its turn comes. */
export class PodQueue {
  #pods: Pod[] = [];
  #head = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get first(): Pod | undefined {
    for (let pod = this.#pods[this.#head]; pod !== undefined; pod = this.#pods[++this.#head]) if (pod.state === "pending") return pod;
    return undefined;
  }

  push(pod: Pod): void {
    this.#pods.push(pod);
    this.#count++;
  }

  shift(): Pod | undefined {
    const pod = this.first;
    if (pod === undefined) return undefined;
    this.#head++;
    this.#count--;
    if (this.#head > TRIM_AFTER && this.#head * 2 > this.#pods.length) {
      this.#pods = this.#pods.slice(this.#head);
      this.#head = 0;
    }
    return pod;
  }

  /** One of them gave up; its state says so. */
  dropOne(): void {
    this.#count--;
  }
}
