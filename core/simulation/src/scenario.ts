import { ALL_FAULTS, type FaultKind } from "./fault-kinds.ts";
import { createRandom, type Random } from "./random.ts";

/** The world a seed stands for: the node, its settings, its subnet, and how rough the days are. */
export interface Scenario {
  readonly seed: number;
  readonly instanceType: string;
  /** Upstream's variables. The first is what the node starts with, the others what a rollout may change it to. */
  readonly settings: readonly Readonly<Record<string, string>>[];
  readonly cooldownMs: number;
  /** Length of the node's subnet's range. */
  readonly subnetLength: number;
  /** Length of a second subnet's range, open to the node's ENIs; absent: there is none. */
  readonly secondSubnetLength?: number;
  readonly maxPods: number;
  /** What kubelet may want to run at once; more than max pods never runs. */
  readonly pods: number;
  /** The metadata service trails EC2 by this even on a good day. */
  readonly metadataLagMs: number;
  /** Shares of the steps that ask something of the agent, and that are faults; the rest deliver what is due. */
  readonly podShare: number;
  readonly faultShare: number;
  /** The faults of this seed, all of them or some. */
  readonly faults: readonly FaultKind[];
}

interface NodeShape {
  readonly type: string;
  /** Addresses that pods can have when every slot holds one. */
  readonly slots: number;
  readonly takesPrefixes: boolean;
}

const SHAPES: readonly NodeShape[] = [
  { type: "t3.nano", slots: 2, takesPrefixes: true },
  { type: "t3.small", slots: 9, takesPrefixes: true },
  { type: "t3.medium", slots: 15, takesPrefixes: true },
  { type: "m5.large", slots: 27, takesPrefixes: true },
  { type: "c5.xlarge", slots: 56, takesPrefixes: true },
  { type: "m4.large", slots: 18, takesPrefixes: false },
  { type: "m5.4xlarge", slots: 232, takesPrefixes: true },
];

/** Most nodes have few pods, so that each meets much; some have enough to fill several ENIs. */
const PODS_MOST = 24;
const PODS_MOST_OF_LARGE = 72;

/** The scenario of a seed: always the same one. */
export function scenarioOf(seed: number): Scenario {
  const random = createRandom("scenario", seed);
  const shape = random.pick(SHAPES);
  const cooldownS = random.pick([30, 30, 5, 1]);
  const base: Record<string, string> = { IP_COOLDOWN_PERIOD: String(cooldownS) };
  if (random.chance(0.25)) base["MAX_ENI"] = String(random.between(1, 3));
  if (random.chance(0.15)) base["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] = "true";
  const clusterName = random.chance(0.5) ? { CLUSTER_NAME: "sim" } : {};
  const settings = Array.from({ length: 3 }, () => ({ ...base, ...clusterName, ...warmTargets(random, shape) })).map((env, index) => ({
    ...env,
    ...warmPolicy(seed, index),
  }));
  const maxPods = random.chance(0.7) ? shape.slots + 2 : random.between(2, shape.slots + 2);
  const isCustom = base["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] !== undefined;
  return {
    seed,
    instanceType: shape.type,
    settings,
    cooldownMs: cooldownS * 1_000,
    subnetLength: random.pick([24, 25, 26, 26, 27, 28]),
    ...(isCustom || random.chance(0.2) ? { secondSubnetLength: random.pick([25, 26, 27, 28]) } : {}),
    maxPods,
    pods: Math.min(random.chance(0.15) ? PODS_MOST_OF_LARGE : PODS_MOST, random.between(2, maxPods)),
    metadataLagMs: random.pick([0, 500, 3_000]),
    podShare: random.pick([0.08, 0.15, 0.25, 0.35]),
    faultShare: random.pick([0.002, 0.01, 0.03]),
    faults: someFaults(random),
  };
}

/** Drawn apart from the rest: a seed's world is otherwise what it was before there were policies. */
function warmPolicy(seed: number, index: number): Readonly<Record<string, string>> {
  return createRandom("warm-policy", seed, index).chance(0.3) ? { SLASH28_WARM_POLICY: "adaptive" } : {};
}

function warmTargets(random: Random, shape: NodeShape): Readonly<Record<string, string>> {
  const prefixes: Record<string, string> =
    shape.takesPrefixes && random.chance(0.35) ? { ENABLE_PREFIX_DELEGATION: "true" } : { ENABLE_PREFIX_DELEGATION: "false" };
  switch (random.int(5)) {
    case 0:
      return { ...prefixes, WARM_ENI_TARGET: "0", WARM_PREFIX_TARGET: "1" };
    case 1:
      return { ...prefixes, WARM_ENI_TARGET: "1", WARM_PREFIX_TARGET: "1" };
    case 2:
      return { ...prefixes, WARM_IP_TARGET: String(random.between(1, 5)) };
    case 3:
      return { ...prefixes, MINIMUM_IP_TARGET: String(random.between(1, 8)) };
    default:
      return { ...prefixes, WARM_IP_TARGET: String(random.between(1, 3)), MINIMUM_IP_TARGET: String(random.between(2, 10)) };
  }
}

/** Half of the seeds know every fault; the others a few only, so that each fault also meets an otherwise healthy world. */
function someFaults(random: Random): readonly FaultKind[] {
  if (random.chance(0.5)) return ALL_FAULTS;
  const most = random.between(1, 6);
  return ALL_FAULTS.filter(() => random.chance(most / ALL_FAULTS.length));
}
