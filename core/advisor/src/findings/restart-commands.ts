import type { SeenPod } from "../snapshot/kubernetes-objects.ts";

/** The hash of a Deployment's template, which its ReplicaSets have behind its name. */
const TEMPLATE_HASH = /-[a-z0-9]{1,10}$/;
const ROLLED = new Map([
  ["StatefulSet", "statefulset"],
  ["DaemonSet", "daemonset"],
]);

/** Makes pods again as their owners roll them, a few at a time; pods of nobody's are deleted, and whoever made them has to do so again. */
export function restartCommands(pods: readonly SeenPod[]): readonly string[] {
  return [...new Set(pods.map(restart))];
}

function restart({ namespace, name, owner }: SeenPod): string {
  const kind = ROLLED.get(owner?.kind ?? "");
  if (owner !== undefined && kind !== undefined) return `kubectl rollout restart -n ${namespace} ${kind}/${owner.name}`;
  if (owner?.kind === "ReplicaSet") return `kubectl rollout restart -n ${namespace} deployment/${owner.name.replace(TEMPLATE_HASH, "")}`;
  return `kubectl delete pod -n ${namespace} ${name}`;
}
