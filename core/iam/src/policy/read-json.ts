import { refuse } from "../result.ts";

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One string or a list of them; `undefined` for anything else. */
export function textList(value: unknown): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) return undefined;
  return value as readonly string[];
}

export function malformed(message: string): ReturnType<typeof refuse> {
  return refuse("MalformedPolicyDocument", message);
}
