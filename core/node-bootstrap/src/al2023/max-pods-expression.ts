import { evaluate } from "@marcbachmann/cel-js";
import type { InstanceLimits } from "@slash28/limits";

const RESULT_MAX = 2 ** 31 - 1;
/** Longer ones are no arithmetic. */
const LENGTH_MAX = 4096;

/**
 * `maxPodsExpression` of a NodeConfig: CEL over `default_enis`, `ips_per_eni` and `max_pods`. As nodeadm does it, whatever is no whole number
 * from 1 to 2³¹−1 in the end counts for nothing, and the type's own number holds.
 */
export function evaluateMaxPods(expression: string, limits: InstanceLimits, standard: number): number | undefined {
  if (expression.length > LENGTH_MAX) return undefined;
  const variables = { default_enis: BigInt(limits.maxEnis), ips_per_eni: BigInt(limits.ipv4PerEni), max_pods: BigInt(standard) };
  let result: unknown;
  try {
    result = evaluate(expression, variables);
  } catch {
    return undefined;
  }
  const number = asInteger(result);
  return number !== undefined && number > 0 && number <= RESULT_MAX ? number : undefined;
}

/** CEL's conversion to int: whole numbers as they are, doubles cut off, texts of digits. */
function asInteger(result: unknown): number | undefined {
  if (typeof result === "bigint") return Number(result);
  if (typeof result === "number") return Math.trunc(result);
  return typeof result === "string" && /^-?\d{1,10}$/.test(result) ? Number(result) : undefined;
}
