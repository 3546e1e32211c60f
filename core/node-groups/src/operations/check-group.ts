import { limitsOf } from "@slash28/limits";
import { isLabelKey, isLabelValue } from "@slash28/node-bootstrap";
import type { GroupTaint, Scaling, UpdateConfig } from "../nodegroup.ts";

/** AWS gives 450, and more when asked ("Amazon EKS service quotas"). */
const NODES_MAX = 1_000;
const LABELS_MAX = 50;
const TAINTS_MAX = 50;
const RESERVED_PREFIXES = ["kubernetes.io/", "k8s.io/", "eks.amazonaws.com/"];
const UNAVAILABLE_MAX = 100;

/** What is wrong with a group's sizes, in EKS's words. */
export function scalingFault({ minSize, maxSize, desiredSize }: Scaling): string | undefined {
  for (const [name, value] of Object.entries({ minSize, maxSize, desiredSize })) {
    if (!Number.isInteger(value) || value < 0 || value > NODES_MAX)
      return `${name} must be a whole number from 0 to ${NODES_MAX}, and is ${value}.`;
  }
  if (maxSize < 1) return "maxSize must be at least 1.";
  if (minSize > maxSize) return `Minimum capacity ${minSize} can't be greater than maximum size ${maxSize}`;
  if (minSize > desiredSize) return `Minimum capacity ${minSize} can't be greater than desired size ${desiredSize}`;
  return desiredSize > maxSize ? `desired capacity ${desiredSize} can't be greater than max size ${maxSize}` : undefined;
}

export function labelFault(labels: Readonly<Record<string, string>>): string | undefined {
  if (Object.keys(labels).length > LABELS_MAX) return `A node group may have ${LABELS_MAX} labels at most.`;
  for (const [key, value] of Object.entries(labels)) {
    if (RESERVED_PREFIXES.some((prefix) => key.slice(0, key.indexOf("/") + 1).endsWith(prefix))) {
      return `Label cannot contain reserved prefixes [${RESERVED_PREFIXES.join(", ")}]: ${key}`;
    }
    if (!isLabelKey(key) || !isLabelValue(value)) return `The label ${key}=${value} is not one Kubernetes allows.`;
  }
  return undefined;
}

export function taintFault(taints: readonly GroupTaint[]): string | undefined {
  if (taints.length > TAINTS_MAX) return `A node group may have ${TAINTS_MAX} taints at most.`;
  const seen = new Set<string>();
  for (const { key, value = "", effect } of taints) {
    if (!isLabelKey(key) || !isLabelValue(value)) return `The taint ${key}=${value}:${effect} is not one Kubernetes allows.`;
    if (seen.has(`${key} ${effect}`)) return `The taint ${key} with the effect ${effect} is given twice.`;
    seen.add(`${key} ${effect}`);
  }
  return undefined;
}

export function updateConfigFault({ maxUnavailable, maxUnavailablePercentage }: UpdateConfig): string | undefined {
  if (maxUnavailable !== undefined && maxUnavailablePercentage !== undefined) {
    return "Only one of maxUnavailable and maxUnavailablePercentage can be given.";
  }
  const value = maxUnavailable ?? maxUnavailablePercentage ?? 1;
  const isGood = Number.isInteger(value) && value >= 1 && value <= UNAVAILABLE_MAX;
  return isGood ? undefined : `maxUnavailable and maxUnavailablePercentage must be from 1 to ${UNAVAILABLE_MAX}, and ${value} is given.`;
}

/** Unknown types, and types whose processors the kind of image does not run on. */
export function instanceTypeFault(types: readonly string[], amiType: string): string | undefined {
  const unknown = types.filter((type) => limitsOf(type) === undefined);
  if (unknown.length > 0) return `The following supplied instance types do not exist: [${unknown.join(", ")}]`;
  if (amiType === "CUSTOM") return undefined;
  const wrong = types.filter((type) => isArm(type) !== amiType.includes("ARM_64"));
  return wrong.length > 0 ? `[${wrong.join(", ")}] is not a valid instance type for requested amiType ${amiType}` : undefined;
}

/** Graviton families carry a `g` after their generation; `a1` came before that rule. */
function isArm(type: string): boolean {
  return /^(?:a1|[a-z]+\d+g[a-z]*)\./.test(type);
}
