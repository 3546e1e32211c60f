/** What a fix would do, found by simulating the fleet from its observed state without and with it. */
export interface SimulatedEffect {
  /** One sentence: `frees 612 addresses in subnet-… within 6 min; 0 pods delayed; needs node replacement: no`. */
  readonly text: string;
  /** By subnet: free addresses without the fix and with it, at the end of the simulated time. */
  readonly subnets: readonly SubnetEffect[];
  /** Until all but a few of the addresses were free, from the moment of the fix; absent: the fix frees none. */
  readonly withinSeconds?: number;
  /** Pods that wait for an address without the fix and get one with it. */
  readonly podsStarted: number;
  /** Pods that wait for an address with the fix and would not without it. */
  readonly podsDelayed: number;
  readonly needsNodeReplacement: boolean;
}

export interface SubnetEffect {
  readonly id: string;
  readonly freeBefore: number;
  readonly freeAfter: number;
}
