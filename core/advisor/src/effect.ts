/** What a fix does to addresses and to pods that wait for one. Every finding of a diagnosis has one. */
export type FixEffect = SimulatedEffect | StatedEffect | UnknownEffect;

interface EffectBase {
  /** One sentence: `frees 612 addresses in subnet-… within 1 to 6 min; 0 pods delayed; needs node replacement: no`. */
  readonly text: string;
  readonly needsNodeReplacement: boolean;
}

/** Found by running the observed fleet on with the fix, at several paces: no pods come or go meanwhile but those that the fix moves. */
export interface SimulatedEffect extends EffectBase {
  readonly basis: "simulated";
  /** By subnet: free addresses at the moment of the fix, and when all has come to rest. */
  readonly subnets: readonly SubnetEffect[];
  /** Addresses of the subnets that the fix makes. */
  readonly addedAddresses: number;
  /** `false`: the paces come to different numbers, and those of the slowest are given; or pods leave their nodes, and the scheduler decides which way. */
  readonly isExact: boolean;
  /** From the fix until all but a few of the addresses have moved; absent: none do. */
  readonly withinSeconds?: SecondsInterval;
  /** Pods that wait for an address at the moment of the fix and get one by it. */
  readonly podsStarted: number;
  /** From the fix until the last of them runs; absent: none starts. */
  readonly podsStartWithinSeconds?: SecondsInterval;
  /** Pods that wait for an address because of the fix. */
  readonly podsDelayed: number;
}

/** Known without a simulation: no address moves, and no pod waits because of the fix. */
export interface StatedEffect extends EffectBase {
  readonly basis: "stated";
  readonly subnets: readonly [];
  readonly podsStarted: 0;
  readonly podsDelayed: 0;
}

/** Not known, and why. */
export interface UnknownEffect extends EffectBase {
  readonly basis: "unknown";
  readonly subnets: null;
  readonly podsStarted: null;
  readonly podsDelayed: null;
  readonly why: string;
}

export interface SubnetEffect {
  readonly id: string;
  readonly freeBefore: number;
  readonly freeAfter: number;
}

/** `least`: EC2 answers at once and agents restart in no time. `most`: both are slow, and the fix comes at the wrong moment. */
export interface SecondsInterval {
  readonly least: number;
  readonly most: number;
}
