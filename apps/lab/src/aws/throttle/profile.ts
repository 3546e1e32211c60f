import { typicalLatencyMs, typicalSettleMs } from "@slash28/vpc";

/** How the emulated EC2 behaves in time. */
export type Ec2Profile = "instant" | "realistic";

/** How long an action takes to answer. `draw` is in [0, 1). */
export function latencyMs(profile: Ec2Profile, action: string, mutates: boolean, draw: number): number {
  return profile === "instant" ? 0 : typicalLatencyMs(action, mutates, draw);
}

/** How long an attachment or an instance stays in a passing state. `draw` is in [0, 1). */
export function settleMs(profile: Ec2Profile, state: string, draw: number): number {
  return profile === "instant" ? 0 : typicalSettleMs(state, draw);
}

/** How far the metadata service of an instance trails EC2. */
export function metadataLagMs(profile: Ec2Profile): number {
  return profile === "instant" ? 0 : 1000;
}
