import type { ContextKeys } from "./request.ts";
import { LITERAL_QUESTION, LITERAL_STAR } from "./wildcard.ts";

const VARIABLE = /\$\{([^}]*)\}/g;

/**
 * Puts a request's values in place of `${key}` and `${key, 'default'}` (IAM user guide, "Policy variables"). In a pattern, what a variable
 * brings in is taken as it is: it brings no wildcards. @returns `undefined` when a variable has no single value: the text then matches nothing.
 */
export function expandVariables(text: string, context: ContextKeys, as: "pattern" | "text"): string | undefined {
  if (!text.includes("${")) return text;
  let isComplete = true;
  const literal = (value: string): string =>
    as === "pattern" ? value.replaceAll("*", LITERAL_STAR).replaceAll("?", LITERAL_QUESTION) : value;
  const expanded = text.replace(VARIABLE, (_, inside: string) => {
    if (inside === "*" || inside === "?" || inside === "$") return literal(inside);
    const match = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inside);
    const values = context.get((match?.[1] ?? "").toLowerCase());
    const value = values?.length === 1 ? values[0] : match?.[2];
    if (value === undefined) isComplete = false;
    return literal(value ?? "");
  });
  return isComplete ? expanded : undefined;
}
