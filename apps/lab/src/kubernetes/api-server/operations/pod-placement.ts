import {
  at,
  badRequest,
  conflict,
  fail,
  fieldsOf,
  listOf,
  notFound,
  succeed,
  textOf,
  type KubeObject,
  type Result,
} from "@slash28/kube-store";

import { timeText } from "../time-text.ts";
import type { Cluster, NamedTarget, WriteOptions } from "./cluster.ts";
import { admitSent } from "./sent-kinds.ts";

/**
 * Carries out a Binding: gives a pod its node. A pod is given a node once. `target` names the pod, by whichever type the binding was
 * sent to: `pods`, or `bindings`.
 */
export function bindPod(cluster: Cluster, target: NamedTarget, sent: unknown, options: WriteOptions = {}): Result<KubeObject> {
  const { name, namespace } = target;
  const { stage, isDryRun = false } = options;
  const admitted = admitSent(stage, { operation: "CREATE", subresource: "binding", target, body: sent, isDryRun });
  if (!admitted.ok) return admitted;
  const binding = admitted.value;
  const pod = cluster.store.get("pods", { name, namespace });
  if (pod === undefined) return fail(notFound("pods", name));
  const nodeName = textOf(at(binding, "target", "name")) ?? "";
  if (nodeName === "") return fail(badRequest(`the binding of pod ${name} names no target node`));
  const uid = textOf(at(binding, "metadata", "uid")) ?? "";
  if (uid !== "" && uid !== pod.metadata.uid)
    return fail(
      conflict("pods/binding", name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid ?? ""}`),
    );
  if (pod.metadata.deletionTimestamp !== undefined)
    return fail(conflict("pods/binding", name, `pod ${name} is being deleted, cannot be assigned to a host`));
  const taken = textOf(at(pod, "spec", "nodeName")) ?? "";
  if (taken !== "") return fail(conflict("pods/binding", name, `pod ${name} is already assigned to node "${taken}"`));
  const status = fieldsOf(pod["status"]);
  const others = listOf(status["conditions"]).filter((condition) => at(condition, "type") !== "PodScheduled");
  const scheduled = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: timeText(cluster.now()) };
  const bound = { ...pod, spec: { ...fieldsOf(pod["spec"]), nodeName }, status: { ...status, conditions: [...others, scheduled] } };
  return isDryRun ? succeed(bound) : cluster.store.replace("pods", bound);
}
