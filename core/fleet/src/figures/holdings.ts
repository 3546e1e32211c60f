import { Gauge } from "./gauge.ts";

/** Addresses on nodes' ENIs by state, over time. `held = assigned + cooling + idle`. */
export class Holdings {
  readonly held = new Gauge();
  readonly assigned = new Gauge();
  readonly cooling = new Gauge();
  readonly idle = new Gauge();

  /** Addresses came to nodes, or went. */
  hold(change: number, at: number): void {
    this.held.add(change, at);
    this.idle.add(change, at);
  }

  /** Pods took addresses, or left them. */
  assign(change: number, at: number): void {
    this.assigned.add(change, at);
    this.idle.add(-change, at);
  }

  /** Addresses began to rest, or have rested. */
  cool(change: number, at: number): void {
    this.cooling.add(change, at);
    this.idle.add(-change, at);
  }
}
