import { invalidParameter } from "../errors.ts";
import type { EksError } from "../result.ts";

/** Control plane logs, in the order EKS shows them. */
export const LOG_TYPES: readonly string[] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

export function logTypesFault(types: readonly string[]): EksError | undefined {
  const odd = types.find((type) => !LOG_TYPES.includes(type));
  return odd === undefined ? undefined : invalidParameter(`Invalid log type ${odd}; it must be one of [${LOG_TYPES.join(", ")}]`);
}
