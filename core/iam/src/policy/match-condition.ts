import type { ConditionOperator, ConditionTest } from "./document.ts";
import { instantOf } from "./instant.ts";
import { ipRange } from "./ip-range.ts";
import type { ContextKeys } from "./request.ts";
import { expandVariables } from "./variables.ts";
import { matchesArn, matchesWildcard } from "./wildcard.ts";

/** Whether all of a statement's conditions hold. */
export function conditionsHold(tests: readonly ConditionTest[], context: ContextKeys, takesVariables: boolean): boolean {
  return tests.every((test) => conditionHolds(test, context, takesVariables));
}

/**
 * One test (IAM user guide, "IAM JSON policy elements: Condition operators"): the values a policy lists are alternatives; of a negated
 * operator none may match. A key that is not there fails a plain operator and satisfies a negated one.
 */
function conditionHolds({ operator, set, ifExists, key, values }: ConditionTest, context: ContextKeys, takesVariables: boolean): boolean {
  const found = context.get(key);
  if (operator === "Null") return values.some((value) => /^true$/i.test(value) === (found === undefined));
  const { compare, isNegated } = comparison(operator);
  if (found === undefined) return ifExists || set === "all" || (isNegated && set !== "any");
  const asPattern = operator.includes("Like") || operator.startsWith("Arn");
  const wanted = takesVariables ? values.flatMap((value) => expandVariables(value, context, asPattern ? "pattern" : "text") ?? []) : values;
  const matchesOne = (value: string): boolean => wanted.some((candidate) => compare(candidate, value));
  const holds = (value: string): boolean => matchesOne(value) !== isNegated;
  switch (set) {
    case "all":
      return found.every(holds);
    case "any":
      return found.some(holds);
    case undefined:
      return isNegated ? !found.some(matchesOne) : found.some(matchesOne);
    default:
      return set satisfies never;
  }
}

interface Comparison {
  readonly compare: (wanted: string, value: string) => boolean;
  readonly isNegated: boolean;
}

function comparison(operator: Exclude<ConditionOperator, "Null">): Comparison {
  return { compare: COMPARE[operator], isNegated: operator.includes("Not") };
}

type Compare = Comparison["compare"];

const equal: Compare = (wanted, value) => wanted === value;
const equalIgnoringCase: Compare = (wanted, value) => wanted.toLowerCase() === value.toLowerCase();
const numbers =
  (holds: (value: number, wanted: number) => boolean): Compare =>
  (wanted, value) =>
    value.trim() !== "" && holds(Number(value), Number(wanted));
const dates =
  (holds: (value: number, wanted: number) => boolean): Compare =>
  (wanted, value) => {
    const [at, than] = [instantOf(value), instantOf(wanted)];
    return at !== undefined && than !== undefined && holds(at, than);
  };
const inRange: Compare = (wanted, value) => ipRange(wanted)?.(value) ?? false;

/** What an operator compares; the negated ones stand beside their plain form. */
const COMPARE: Readonly<Record<Exclude<ConditionOperator, "Null">, Compare>> = {
  StringEquals: equal,
  StringNotEquals: equal,
  StringEqualsIgnoreCase: equalIgnoringCase,
  StringNotEqualsIgnoreCase: equalIgnoringCase,
  StringLike: matchesWildcard,
  StringNotLike: matchesWildcard,
  NumericEquals: numbers((value, wanted) => value === wanted),
  NumericNotEquals: numbers((value, wanted) => value === wanted),
  NumericLessThan: numbers((value, wanted) => value < wanted),
  NumericLessThanEquals: numbers((value, wanted) => value <= wanted),
  NumericGreaterThan: numbers((value, wanted) => value > wanted),
  NumericGreaterThanEquals: numbers((value, wanted) => value >= wanted),
  DateEquals: dates((value, wanted) => value === wanted),
  DateNotEquals: dates((value, wanted) => value === wanted),
  DateLessThan: dates((value, wanted) => value < wanted),
  DateLessThanEquals: dates((value, wanted) => value <= wanted),
  DateGreaterThan: dates((value, wanted) => value > wanted),
  DateGreaterThanEquals: dates((value, wanted) => value >= wanted),
  Bool: equalIgnoringCase,
  BinaryEquals: equal,
  IpAddress: inRange,
  NotIpAddress: inRange,
  ArnEquals: matchesArn,
  ArnNotEquals: matchesArn,
  ArnLike: matchesArn,
  ArnNotLike: matchesArn,
};
