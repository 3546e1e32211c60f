import { isFields, own } from "./fields.ts";

/** The target with a JSON merge patch applied (RFC 7386): objects merge, `null` takes a field away, anything else replaces. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = isFields(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else if (value !== undefined) merged[name] = applyMergePatch(own(merged, name), value);
  }
  return merged;
}
