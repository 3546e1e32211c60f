import type { CelNames } from "../cel/cel-program.ts";
import type { MatchCondition } from "./webhook.ts";

export type ConditionVerdict = { readonly kind: "go-on" } | { readonly kind: "skip" } | { readonly kind: "fault"; readonly why: string };

/** Whether all conditions hold. One that is false leaves the act alone, whatever errors the others have (KEP-3716). */
export function judgeConditions(
  conditions: readonly MatchCondition[],
  names: CelNames,
  failurePolicy: "Fail" | "Ignore",
): ConditionVerdict {
  let fault: string | undefined;
  for (const { name, program } of conditions) {
    const result = program.run(names);
    if (result.ok && result.value === false) return { kind: "skip" };
    if (result.ok && result.value === true) continue;
    fault ??= `matchCondition ${JSON.stringify(name)}: ${result.ok ? "the expression is neither true nor false" : result.why}`;
  }
  if (fault === undefined) return { kind: "go-on" };
  return failurePolicy === "Ignore" ? { kind: "skip" } : { kind: "fault", why: fault };
}
