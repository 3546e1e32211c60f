/** A delay drawn evenly from a range, in milliseconds. */
interface LatencyRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const range = (fromMs: number, toMs: number): LatencyRange => ({ fromMs, toMs });

/** Seen on EC2 by users of the VPC CNI and Cilium: reads 75–300 ms, assign about half a second, attach 0.7 s before the ENI even shows. */
const TYPICAL: Readonly<Record<string, LatencyRange>> = {
  AssignPrivateIpAddresses: range(300, 600),
  UnassignPrivateIpAddresses: range(300, 600),
  CreateNetworkInterface: range(300, 900),
  AttachNetworkInterface: range(500, 1000),
  RunInstances: range(700, 1500),
};
const TYPICAL_READ = range(50, 200);
const TYPICAL_MUTATION = range(150, 400);

/** How long passing states last: an ENI reaches the guest some seconds after the attach call, and leaves it some after detach. */
const TYPICAL_SETTLING: Readonly<Record<string, LatencyRange>> = {
  attaching: range(1000, 3000),
  detaching: range(2000, 5000),
  pending: range(3000, 6000),
  stopping: range(2000, 4000),
  "shutting-down": range(2000, 4000),
  // On EC2 one to three minutes; nobody learns from waiting that long.
  "nat-gateway-pending": range(5000, 10_000),
  "nat-gateway-deleting": range(5000, 10_000),
};

/** How long EC2 takes to answer an action, as users see it. `draw` is in [0, 1). */
export function typicalLatencyMs(action: string, mutates: boolean, draw: number): number {
  return within(TYPICAL[action] ?? (mutates ? TYPICAL_MUTATION : TYPICAL_READ), draw);
}

/** How long an attachment, an instance or a gateway stays in a passing state. `draw` is in [0, 1). */
export function typicalSettleMs(state: string, draw: number): number {
  const range = TYPICAL_SETTLING[state];
  return range === undefined ? 0 : within(range, draw);
}

function within({ fromMs, toMs }: LatencyRange, draw: number): number {
  return Math.round(fromMs + draw * (toMs - fromMs));
}
