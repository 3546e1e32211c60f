import type { FailureRule, Job, Pod } from "../objects/index.ts";

/** What a failed pod means for its job. https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy */
export type Verdict =
  | { readonly kind: "count" }
  | { readonly kind: "ignore" }
  | { readonly kind: "fail-job"; readonly why: string }
  | { readonly kind: "fail-index" };

export function verdictOn(job: Job, pod: Pod): Verdict {
  for (const [number, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const match = rule.onExitCodes === undefined ? conditionMatch(rule, pod) : exitCodeMatch(rule.onExitCodes, pod);
    if (match === undefined) continue;
    switch (rule.action) {
      case "FailJob":
        return { kind: "fail-job", why: `${match} matching FailJob rule at index ${number}` };
      case "FailIndex":
        return { kind: "fail-index" };
      case "Ignore":
        return { kind: "ignore" };
      default:
        return { kind: "count" };
    }
  }
  return { kind: "count" };
}

interface EndedStatus {
  readonly name?: string;
  readonly state?: { readonly terminated?: { readonly exitCode: number } };
}

function exitCodeMatch(rule: NonNullable<FailureRule["onExitCodes"]>, pod: Pod): string | undefined {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...((pod.status?.["initContainerStatuses"] ?? []) as readonly object[])];
  for (const { name, state } of statuses as readonly EndedStatus[]) {
    const code = state?.terminated?.exitCode;
    if (code === undefined || code === 0 || (rule.containerName !== undefined && rule.containerName !== name)) continue;
    if (rule.values.includes(code) !== (rule.operator === "In")) continue;
    return `Container ${name ?? ""} for pod ${nameOf(pod)} failed with exit code ${code}`;
  }
  return undefined;
}

function conditionMatch(rule: FailureRule, pod: Pod): string | undefined {
  for (const { type, status } of rule.onPodConditions ?? []) {
    const found = pod.status?.conditions?.some((condition) => condition.type === type && condition.status === (status ?? "True"));
    if (found === true) return `Pod ${nameOf(pod)} has condition ${type}`;
  }
  return undefined;
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? "default"}/${metadata.name}`;
}
