import type { FleetResult } from "./fleet-result.ts";

/** A run that can be taken step by step: for a progress bar, and to stop it. */
export interface Fleet {
  /** How far it is, since the start. */
  readonly nowMs: number;
  readonly isOver: boolean;
  /** Goes on to this time, or to the end of the run. How a run is cut into steps changes nothing. */
  advance(untilMs: number): void;
  progress(): FleetProgress;
  /** What there is at this moment: cheap, other than a result. */
  moment(): FleetMoment;
  /** What each node that is there has of each subnet. */
  nodeHoldings(): readonly NodeHolding[];
  /** What the run has shown so far; may be asked at any time. */
  result(): FleetResult;
}

export interface FleetMoment {
  /** Free addresses of each subnet, in order of their coming. */
  readonly free: readonly number[];
  readonly podsWaiting: number;
  /** Since the start: pods that waited for an address on their node, and have one. */
  readonly podsDelayedByAddresses: number;
}

export interface NodeHolding {
  readonly node: string;
  /** Addresses of its ENIs, their own and those for pods, in order of the subnets. */
  readonly addresses: readonly number[];
}

export interface FleetProgress {
  readonly nowMs: number;
  readonly durationMs: number;
  readonly nodes: number;
  readonly podsRunning: number;
  readonly podsWaiting: number;
  readonly podsStarted: number;
}
