import { matchesLabels } from "@slash28/kube-store";
import type { SeenPod, SeenSecurityGroupPolicy, SeenServiceAccount } from "./kubernetes-objects.ts";
import type { ClusterView } from "./cluster-view.ts";

/** Whether a policy selects anything at all: the controller skips one without selectors, or without groups. */
export function isHeeded({ podSelector, serviceAccountSelector, groupIds }: SeenSecurityGroupPolicy): boolean {
  return (podSelector !== undefined || serviceAccountSelector !== undefined) && groupIds.length > 0;
}

/** Whether a policy is for a pod: every selector that is there must match, a service account's by the account's own labels. */
export function isFor(policy: SeenSecurityGroupPolicy, pod: SeenPod, accounts: readonly SeenServiceAccount[]): boolean {
  if (!isHeeded(policy) || policy.namespace !== pod.namespace || pod.isOnHostNetwork) return false;
  const { podSelector, serviceAccountSelector } = policy;
  if (podSelector !== undefined && (podSelector === "unreadable" || !matchesLabels(podSelector, pod.labels))) return false;
  if (serviceAccountSelector === undefined) return true;
  const account = accounts.find(({ namespace, name }) => namespace === pod.namespace && name === pod.serviceAccount);
  return account !== undefined && serviceAccountSelector !== "unreadable" && matchesLabels(serviceAccountSelector, account.labels);
}

export function podsOf(view: ClusterView, policy: SeenSecurityGroupPolicy): readonly SeenPod[] {
  const accounts = view.snapshot.serviceAccounts ?? [];
  return view.livePods.filter((pod) => isFor(policy, pod, accounts));
}

/** Policies that have pods. */
export function policiesInForce(
  view: ClusterView,
): readonly { readonly policy: SeenSecurityGroupPolicy; readonly pods: readonly SeenPod[] }[] {
  return (view.snapshot.securityGroupPolicies ?? []).flatMap((policy) => {
    const pods = podsOf(view, policy);
    return pods.length === 0 ? [] : [{ policy, pods }];
  });
}

/** `strict` unless the agent is told otherwise. */
export function enforcingMode(view: ClusterView): "strict" | "standard" {
  return view.env["POD_SECURITY_GROUP_ENFORCING_MODE"] === "standard" ? "standard" : "strict";
}
