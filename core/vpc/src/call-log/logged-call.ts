import type { CloudActions } from "../cloud/cloud.ts";
import type { Millis } from "../result.ts";

/**
 * One call that changed a cloud, as plain JSON. A cloud follows from its options and its calls in order, so a log of them is all there is
 * to keep of it.
 */
export interface LoggedCall {
  readonly action: keyof CloudActions;
  readonly now: Millis;
  /** The call's parameters; see {@link toJson} for what JSON has no form of. */
  readonly input: unknown;
}

const BIGINT = "$bigint";

/** A call's parameters as JSON values: IPv6 addresses are bigints, which JSON has not. Absent fields stay absent. */
export function toJson(value: unknown): unknown {
  if (typeof value === "bigint") return { [BIGINT]: value.toString() };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, toJson(field)]])));
}

/** The other way. */
export function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === BIGINT && typeof only[1] === "string") return BigInt(only[1]);
  return Object.fromEntries(entries.map(([name, field]) => [name, fromJson(field)]));
}
