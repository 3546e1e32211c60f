import {
  at,
  conflict,
  fail,
  fieldsOf,
  listOf,
  notFound,
  numberOf,
  succeed,
  textOf,
  type KubeObject,
  type Result,
} from "@slash28/kube-store";

import { timeText } from "../time-text.ts";
import type { Cluster, NamedTarget, WriteOptions } from "./cluster.ts";
import { decideEviction } from "./decide-eviction.ts";
import { deleteObject } from "./delete-object.ts";
import { admitSent } from "./sent-kinds.ts";

const BUDGETS = "poddisruptionbudgets.policy";

/** Deletes a pod unless a PodDisruptionBudget says that none may go now. `sent` is a policy/v1 Eviction. */
export function evictPod(cluster: Cluster, target: NamedTarget, sent: unknown, options: WriteOptions = {}): Result<unknown> {
  const { name, namespace } = target;
  const isDryRun = options.isDryRun === true || isDryRunOf(sent);
  const admitted = admitSent(options.stage, { operation: "CREATE", subresource: "eviction", target, body: sent, isDryRun });
  if (!admitted.ok) return admitted;
  const eviction = admitted.value;
  const pod = cluster.store.get("pods", { name, namespace });
  if (pod === undefined) return fail(notFound("pods", name));
  const asked = at(eviction, "deleteOptions");
  const uid = textOf(at(asked, "preconditions", "uid"));
  if (uid !== undefined && uid !== pod.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid ?? ""}`;
    return fail(conflict("pods", name, why));
  }
  const decision = decideEviction({ pod, budgets: cluster.store.list(BUDGETS, namespace), now: cluster.now() });
  if (decision.kind === "refuse") return fail(decision.failure);
  if (isDryRun || isDryRunOf(eviction)) return succeed(undefined);
  if (decision.kind === "spend") {
    const written = cluster.store.replace(BUDGETS, decision.budget);
    if (!written.ok) return written;
  }
  if (pod.metadata.deletionTimestamp === undefined) {
    const marked = cluster.store.replace("pods", withDisruption(pod, cluster.now()));
    if (!marked.ok) return marked;
  }
  const gone = deleteObject(cluster, target, { gracePeriodSeconds: numberOf(at(asked, "gracePeriodSeconds")) });
  return gone.ok ? succeed(undefined) : gone;
}

function isDryRunOf(eviction: unknown): boolean {
  return listOf(at(eviction, "deleteOptions", "dryRun")).includes("All");
}

/** Says in the pod why it goes; a job's failure policy reads it. */
function withDisruption(pod: KubeObject, now: number): KubeObject {
  const status = fieldsOf(pod["status"]);
  const others = listOf(status["conditions"]).filter((condition) => at(condition, "type") !== "DisruptionTarget");
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastProbeTime: null,
    lastTransitionTime: timeText(now),
  };
  return { ...pod, status: { ...status, conditions: [...others, condition] } };
}
