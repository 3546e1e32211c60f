import type { Requirement } from "./pod.ts";
import type { LabelSelector } from "./workload.ts";

type Labels = Readonly<Record<string, string>>;

/** Every label of `wanted` is there. */
export function matchesLabels(wanted: Labels, labels: Labels | undefined): boolean {
  return Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
}

/** A selector without any requirement selects everything, as in the API. */
export function matchesSelector(selector: LabelSelector, labels: Labels | undefined): boolean {
  return (
    matchesLabels(selector.matchLabels ?? {}, labels) &&
    (selector.matchExpressions ?? []).every((requirement) => meetsRequirement(requirement, labels?.[requirement.key]))
  );
}

/** Whether a value (`undefined`: absent) meets one requirement of a label or node selector. An unknown operator is met by nothing. */
export function meetsRequirement(requirement: Requirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return integer(value) > integer(values[0]);
    case "Lt":
      return integer(value) < integer(values[0]);
    default:
      return false;
  }
}

/** NaN for what is not a whole number: every comparison with it is false. */
function integer(text: string | undefined): number {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}
