import type { InstanceLimits } from "@slash28/limits";
import { EnvReader, type Env } from "./env-reader.ts";

/** Whether pods may have branch ENIs, by the variables of `aws-node`: `ENABLE_POD_ENI`. */
export function isPodEniOn(env: Env): boolean {
  return new EnvReader(env).flag("ENABLE_POD_ENI", false);
}

/** Whether a node keeps the place of one ENI for a trunk (VPC CNI from 1.20.4 on): its type must be able to trunk. */
export function keepsTrunkSlot(env: Env, limits: Pick<InstanceLimits, "trunkingCompatible">): boolean {
  return limits.trunkingCompatible && isPodEniOn(env);
}
