/** How the emulated EC2 behaves in time. */
export type Ec2Profile = "instant" | "realistic";

/** A delay drawn evenly from a range, in milliseconds. */
export interface LatencyRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const range = (fromMs: number, toMs: number): LatencyRange => ({ fromMs, toMs });

/** Seen on EC2 by users of the VPC CNI and Cilium: reads 75–300 ms, assign about half a second, attach 0.7 s before the ENI even shows. */
const REALISTIC: Readonly<Record<string, LatencyRange>> = {
  AssignPrivateIpAddresses: range(300, 600),
  UnassignPrivateIpAddresses: range(300, 600),
  CreateNetworkInterface: range(300, 900),
  AttachNetworkInterface: range(500, 1000),
  RunInstances: range(700, 1500),
};
const REALISTIC_READ = range(50, 200);
const REALISTIC_MUTATION = range(150, 400);

/** How long passing states last: an ENI reaches the guest some seconds after the attach call, and leaves it some after detach. */
const REALISTIC_SETTLING: Readonly<Record<string, LatencyRange>> = {
  attaching: range(1000, 3000),
  detaching: range(2000, 5000),
  pending: range(3000, 6000),
  stopping: range(2000, 4000),
  "shutting-down": range(2000, 4000),
  // On EC2 one to three minutes; nobody learns from waiting that long.
  "nat-gateway-pending": range(5000, 10_000),
  "nat-gateway-deleting": range(5000, 10_000),
};

/** How long an action takes to answer. `draw` is in [0, 1). */
export function latencyMs(profile: Ec2Profile, action: string, mutates: boolean, draw: number): number {
  if (profile === "instant") return 0;
  return within(REALISTIC[action] ?? (mutates ? REALISTIC_MUTATION : REALISTIC_READ), draw);
}

/** How long an attachment or an instance stays in a passing state. `draw` is in [0, 1). */
export function settleMs(profile: Ec2Profile, state: string, draw: number): number {
  const range = REALISTIC_SETTLING[state];
  return profile === "instant" || range === undefined ? 0 : within(range, draw);
}

/** How far the metadata service of an instance trails EC2. */
export function metadataLagMs(profile: Ec2Profile): number {
  return profile === "instant" ? 0 : 1000;
}

function within({ fromMs, toMs }: LatencyRange, draw: number): number {
  return Math.round(fromMs + draw * (toMs - fromMs));
}
