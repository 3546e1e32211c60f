/** What a run shows. Plain data: `JSON.stringify` of it is the same for the same input. Times in seconds or milliseconds as named. */
export interface FleetResult {
  readonly summary: FleetSummary;
  /** At equal intervals, from the start to where the run is. */
  readonly series: readonly SeriesRow[];
  readonly nodeGroups: readonly NodeGroupResult[];
  /** The address space of each subnet, in order of the input. */
  readonly subnetMaps: readonly SubnetMap[];
  /** Pod starts by how long they took. */
  readonly startHistogram: readonly HistogramBar[];
}

export interface FleetSummary {
  /** How far the run got, and how far it was to go: they differ in a run that was stopped. */
  readonly ranSeconds: number;
  readonly durationSeconds: number;
  readonly seed: number;
  readonly firstExhaustion: null | Exhaustion;
  /** Addresses held by the nodes' ENIs for pods, of all subnets: the most at one time, and the average over time. */
  readonly peakHeld: number;
  readonly averageHeld: number;
  readonly averageAssigned: number;
  readonly averageIdle: number;
  readonly averageCooling: number;
  readonly subnets: readonly SubnetResult[];
  /** From the time a pod was wanted until it ran. `null` where no pod started. */
  readonly podStartMs: Percentiles;
  readonly podsStarted: number;
  /** Those that waited: for a node, or for an address. Whoever never started is among them. */
  readonly podsDelayed: number;
  /** Those that waited for an address on their node. */
  readonly podsDelayedByAddresses: number;
  /** Those that wait at the end, without a node or without an address. */
  readonly podsWaitingAtEnd: number;
  /** Those that wait at the end, and those that gave up waiting. */
  readonly podsNeverStarted: number;
  readonly podsRunning: PeakAndAverage;
  /** Branch ENIs: pods', and those that cool down after a pod. */
  readonly branchEnis: PeakAndAverage;
  readonly ec2Calls: Ec2CallCounts;
  /** Free addresses of prefixes that cannot go back because a pod has one address of the prefix; at the end, and at most. */
  readonly addressesPinnedByFragmentation: number;
  readonly peakAddressesPinnedByFragmentation: number;
  readonly nodes: NodeCounts;
}

/** What ran out first. */
export interface Exhaustion {
  readonly atSeconds: number;
  /** The subnet's name; for a quota or a full instance, that of the node's own subnet. */
  readonly subnet: string;
  readonly reason: ExhaustionReason;
}

export type ExhaustionReason =
  /** The subnet has no free address. */
  | "no-free-addresses"
  /** The subnet has free addresses, and no whole /28 among them. */
  | "no-free-prefix"
  /** The subnet's IPv6 range has no whole /80 left. */
  | "no-free-ipv6-prefix"
  /** The account may have no more network interfaces. */
  | "eni-quota"
  /** Nodes have room for a pod with security groups of its own, and none of them a branch ENI for it. */
  | "no-branch-eni"
  /** The instance's ENIs and slots are all in use while a pod on it waits. */
  | "instance-full";

export interface Percentiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

export interface PeakAndAverage {
  readonly peak: number;
  readonly average: number;
}

export interface SubnetResult {
  /** `subnet-…` where the input has it, else the name. */
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly cidr: string;
  /** Addresses that EC2 gives out: all but five. */
  readonly usable: number;
  /** Whatever is not free, by anyone, as a share of `usable`. */
  readonly peakUsedShare: number;
  readonly peakUsed: number;
  readonly averageUsed: number;
  /** At the end. */
  readonly free: number;
  /** The fewest free addresses at one time. */
  readonly leastFree: number;
  readonly otherTenants: number;
  /** Secondary addresses and addresses of prefixes, on the nodes' ENIs. `held = assigned + cooling + idle`. */
  readonly held: PeakAndAverage;
  readonly assigned: PeakAndAverage;
  readonly idle: PeakAndAverage;
  readonly cooling: PeakAndAverage;
  /** `null` but in an IPv6 cluster. */
  readonly ipv6: null | Ipv6Use;
}

/** The IPv6 range of a subnet, of which each node has a /80 for its pods. */
export interface Ipv6Use {
  readonly cidr: string;
  readonly prefixes: PeakAndAverage;
}

export interface NodeGroupResult {
  readonly name: string;
  readonly nodes: PeakAndAverage;
  readonly held: PeakAndAverage;
  readonly assigned: PeakAndAverage;
  readonly idle: PeakAndAverage;
  readonly cooling: PeakAndAverage;
}

export interface Ec2CallCounts {
  /** Requests sent, those that were throttled among them. */
  readonly total: number;
  readonly throttled: number;
  /** To four places. */
  readonly throttledShare: number;
  /** By EC2's name of the action, in order of names. */
  readonly byAction: Readonly<Record<string, ActionCount>>;
}

export interface ActionCount {
  readonly total: number;
  readonly throttled: number;
  /** Refused for another reason: no address, a quota. */
  readonly refused: number;
}

export interface NodeCounts {
  readonly peak: number;
  readonly average: number;
  readonly launched: number;
  readonly removed: number;
  /** Launches that EC2 refused. */
  readonly failedToLaunch: number;
  /** From launch until a node had its first address for pods; the nodes of an observed fleet are not counted. */
  readonly readyMs: Percentiles;
  readonly lastReadySeconds: number | null;
}

export interface SeriesRow {
  readonly atSeconds: number;
  readonly nodes: number;
  readonly podsRunning: number;
  readonly podsWaiting: number;
  /** Since the start. */
  readonly ec2Calls: number;
  readonly ec2Throttled: number;
  /** In the order of `summary.subnets`. A subnet that is added later has zeros before. */
  readonly subnets: readonly SeriesSubnet[];
}

export interface SeriesSubnet {
  /** Whatever is not free. */
  readonly used: number;
  readonly held: number;
  readonly assigned: number;
  readonly cooling: number;
}

/** One subnet's addresses, block of 16 by block of 16. */
export interface SubnetMap {
  readonly name: string;
  readonly cidr: string;
  /** When the most addresses were in use, to the next time the map was drawn. */
  readonly peakAtSeconds: number;
  /** One letter per /28 from the first: see `MapCell`. */
  readonly peak: string;
  readonly end: string;
}

/**
 * `.` free, or all AWS's own; `P` a prefix of a node; `p` one of which no pod has an address; `a` some single addresses of nodes, `A` all of
 * them; `o` some addresses of others, `O` all; `m` both nodes' and others'; `r` free and reserved.
 */
export type MapCell = "." | "P" | "p" | "a" | "A" | "o" | "O" | "m" | "r";

export interface HistogramBar {
  /** From this on, to below the next bar's. */
  readonly fromMs: number;
  /** `null`: without an end. */
  readonly toMs: number | null;
  readonly pods: number;
}
