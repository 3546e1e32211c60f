import type { FleetInput } from "@slash28/fleet";

type Env = FleetInput["env"];

const WARM_ENIS = [0, 1, 2] as const;
const WARM_IPS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20] as const;
const MINIMUM_IPS = [8, 12, 16, 24, 32, 40] as const;
const WARM_IPS_WITH_MINIMUM = [0, 1, 2, 4] as const;

/** The warm settings that somebody may try for pools of single addresses. */
export const STATIC_SETTINGS: readonly Env[] = [
  ...WARM_ENIS.map((enis): Env => ({ WARM_ENI_TARGET: String(enis) })),
  ...WARM_IPS.map((addresses): Env => ({ WARM_IP_TARGET: String(addresses) })),
  ...MINIMUM_IPS.flatMap((minimum) =>
    WARM_IPS_WITH_MINIMUM.map((addresses): Env => ({ MINIMUM_IP_TARGET: String(minimum), WARM_IP_TARGET: String(addresses) })),
  ),
];

const PREFIXES: Env = { ENABLE_PREFIX_DELEGATION: "true" };
const WARM_IPS_OF_PREFIXES = [1, 2, 4, 6, 8, 12, 16, 20] as const;
const MINIMUM_IPS_OF_PREFIXES = [32, 48] as const;

/** The same for pools of prefixes. */
export const STATIC_PREFIX_SETTINGS: readonly Env[] = [
  ...[1, 2].map((prefixes): Env => ({ ...PREFIXES, WARM_PREFIX_TARGET: String(prefixes) })),
  ...WARM_IPS_OF_PREFIXES.map((addresses): Env => ({ ...PREFIXES, WARM_IP_TARGET: String(addresses) })),
  ...MINIMUM_IPS_OF_PREFIXES.map((minimum): Env => ({ ...PREFIXES, MINIMUM_IP_TARGET: String(minimum), WARM_IP_TARGET: "1" })),
];

/** No warm setting but the policy: the static targets it falls back to are the VPC CNI's own, one ENI's worth. */
export const ADAPTIVE: Env = { SLASH28_WARM_POLICY: "adaptive" };
export const ADAPTIVE_WITH_PREFIXES: Env = { ...PREFIXES, ...ADAPTIVE };
