import type { Check } from "./check.ts";
import { subnetFull } from "./subnet-full.ts";

/** Everything that is looked for. */
export const CHECKS: readonly Check[] = [subnetFull];

export function checkNamed(id: string): Check | undefined {
  return CHECKS.find((check) => check.id === id);
}
