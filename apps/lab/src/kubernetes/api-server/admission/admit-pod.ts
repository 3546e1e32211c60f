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

import { NODE_TAINTS } from "../../node-taints.ts";
import { fill, qosClassOf } from "./default-pod.ts";
import { withDefaultLimits } from "./limit-ranges.ts";
import { priorityOf } from "./priority-classes.ts";
import { withAccount } from "./service-account-volume.ts";

const EVICTED_AFTER_SECONDS = 300;
const NODE_TROUBLES = [NODE_TAINTS.notReady, NODE_TAINTS.unreachable];
const SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/**
 * What the LimitRanger, ServiceAccount, Priority and DefaultTolerationSeconds admission plugins do to a new pod; its status starts here
 * too.
 */
export function admitPod(asked: KubeObject, store: Store): Result<KubeObject> {
  const pod = withDefaultLimits(asked, store);
  const spec = fieldsOf(pod["spec"]);
  const account = textOf(own(spec, "serviceAccountName")) ?? "default";
  const found = store.get("serviceaccounts", { name: account, namespace: pod.metadata.namespace });
  if (found === undefined) {
    const why = `error looking up service account ${pod.metadata.namespace}/${account}: serviceaccount "${account}" not found`;
    return fail(forbidden("pods", pod.metadata.name, why));
  }
  const className = textOf(own(spec, "priorityClassName"));
  const priority = priorityOf(store, className);
  if (priority === undefined) return fail(forbidden("pods", pod.metadata.name, `no PriorityClass with name ${className} was found`));
  const admitted = fill(withAccount(pod, spec, found, suffixOf(pod)), {
    serviceAccountName: account,
    serviceAccount: account,
    enableServiceLinks: true,
    priority: priority.priority,
    preemptionPolicy: priority.preemptionPolicy,
    ...(priority.className === undefined ? {} : { priorityClassName: priority.className }),
  });
  const status = { phase: "Pending", qosClass: qosClassOf(admitted) };
  return succeed({ ...pod, spec: { ...admitted, tolerations: tolerationsOf(admitted) }, status });
}

/** Five letters that stay the same for a pod however often its creation is tried. */
function suffixOf({ metadata }: KubeObject): string {
  const digits = (metadata.uid ?? "").replaceAll(/[^0-9a-f]/g, "").padEnd(32, "7");
  const letter = (index: number): string =>
    SUFFIX_LETTERS[Number.parseInt(digits.slice(12 + index * 4, 16 + index * 4), 16) % SUFFIX_LETTERS.length] ?? "";
  return [0, 1, 2, 3, 4].map(letter).join("");
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
