import { read, refused, type Reading } from "../problem.ts";
import { isLabelKey, isLabelValue } from "./labels.ts";
import { TAINT_EFFECTS, type Taint } from "./settings.ts";

/** A taint as `--register-with-taints` and Bottlerocket's list write it: `key=value:Effect` or `key:Effect`. */
export function parseTaint(text: string): Reading<Taint> {
  const match = /^([^=:]+)(?:=([^:]*))?:([^:]*)$/.exec(text);
  if (match === null) return refused(`taint ${JSON.stringify(text)} is not of the form key=value:Effect`);
  const [, key = "", value, effect = ""] = match;
  return checkedTaint({ key, value, effect });
}

export function checkedTaint({
  key,
  value,
  effect,
}: {
  readonly key: string;
  readonly value: string | undefined;
  readonly effect: string;
}): Reading<Taint> {
  const known = TAINT_EFFECTS.find((candidate) => candidate === effect);
  if (known === undefined)
    return refused(`taint ${key} has the effect ${JSON.stringify(effect)}; it must be one of ${TAINT_EFFECTS.join(", ")}`);
  if (!isLabelKey(key)) return refused(`taint key ${JSON.stringify(key)} is not one Kubernetes allows`);
  if (value !== undefined && !isLabelValue(value))
    return refused(`taint ${key} has the value ${JSON.stringify(value)}, which no taint may have`);
  return read(value === undefined || value === "" ? { key, effect: known } : { key, value, effect: known });
}
