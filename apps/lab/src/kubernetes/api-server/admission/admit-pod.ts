import {
  at,
  fail,
  fieldsOf,
  forbidden,
  listOf,
  own,
  succeed,
  textOf,
  type Fields,
  type KubeObject,
  type Result,
  type Store,
} from "@slash28/kube-store";

import { fill, qosClassOf } from "./default-pod.ts";

const EVICTED_AFTER_SECONDS = 300;
const NODE_TROUBLES = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};

/** What the ServiceAccount, Priority and DefaultTolerationSeconds admission plugins do to a new pod; its status starts here too. */
export function admitPod(pod: KubeObject, store: Store): Result<KubeObject> {
  const spec = fieldsOf(pod["spec"]);
  const account = textOf(own(spec, "serviceAccountName")) ?? "default";
  if (store.get("serviceaccounts", { name: account, namespace: pod.metadata.namespace }) === undefined) {
    const why = `error looking up service account ${pod.metadata.namespace}/${account}: serviceaccount "${account}" not found`;
    return fail(forbidden("pods", pod.metadata.name, why));
  }
  const className = textOf(own(spec, "priorityClassName"));
  const priority = className === undefined || className === "" ? 0 : priorityOf(className, store);
  if (priority === undefined) return fail(forbidden("pods", pod.metadata.name, `no PriorityClass with name ${className} was found`));
  const admitted = fill(spec, {
    serviceAccountName: account,
    serviceAccount: account,
    enableServiceLinks: true,
    priority,
    preemptionPolicy: "PreemptLowerPriority",
  });
  const status = { phase: "Pending", qosClass: qosClassOf(admitted) };
  return succeed({ ...pod, spec: { ...admitted, tolerations: tolerationsOf(admitted) }, status });
}

function priorityOf(className: string, store: Store): number | undefined {
  const known = SYSTEM_PRIORITIES[className];
  if (known !== undefined) return known;
  const value = at(store.get("priorityclasses.scheduling.k8s.io", { name: className }), "value");
  return typeof value === "number" ? value : undefined;
}

function tolerationsOf(spec: Fields): readonly unknown[] {
  const given = listOf(own(spec, "tolerations"));
  const added = NODE_TROUBLES.filter((trouble) => !given.some((toleration) => tolerates(toleration, trouble)));
  return [...given, ...added.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: EVICTED_AFTER_SECONDS }))];
}

function tolerates(toleration: unknown, key: string): boolean {
  const effect = textOf(at(toleration, "effect")) ?? "";
  const named = textOf(at(toleration, "key")) ?? "";
  return (effect === "" || effect === "NoExecute") && (named === key || (named === "" && at(toleration, "operator") === "Exists"));
}
