import { at, fieldsOf, listOf, parseQuantity, textOf, type KubeObject, type Store } from "@slash28/kube-store";

/** Amounts by the names a ResourceQuota uses: `pods`, `requests.cpu`, `count/deployments.apps`. */
export type Usage = ReadonlyMap<string, number>;

const COUNTED: Readonly<Record<string, string>> = {
  pods: "pods",
  services: "services",
  secrets: "secrets",
  configmaps: "configmaps",
  persistentvolumeclaims: "persistentvolumeclaims",
  replicationcontrollers: "replicationcontrollers",
  resourcequotas: "resourcequotas",
};
const OVER = new Set(["Succeeded", "Failed"]);

/** What one object takes of a quota (Kubernetes docs, "Resource Quotas"). Pods that ended take their count only under `count/pods`. */
export function usageOf(storage: string, object: KubeObject): Usage {
  const usage = new Map<string, number>([[`count/${storage}`, 1]]);
  const counted = COUNTED[storage];
  if (storage === "pods") {
    if (!OVER.has(textOf(at(object, "status", "phase")) ?? "")) for (const [name, amount] of podUsage(object)) usage.set(name, amount);
    return usage;
  }
  if (counted !== undefined) usage.set(counted, 1);
  if (storage === "services") {
    const type = textOf(at(object, "spec", "type"));
    const ports = listOf(at(object, "spec", "ports")).filter((port) => Number(at(port, "nodePort") ?? 0) > 0).length;
    if (type === "LoadBalancer") usage.set("services.loadbalancers", 1);
    if (ports > 0) usage.set("services.nodeports", ports);
  }
  if (storage === "persistentvolumeclaims") {
    const storageClass = textOf(at(object, "spec", "storageClassName")) ?? "";
    const asked = parseQuantity(at(object, "spec", "resources", "requests", "storage")) ?? 0;
    usage.set("requests.storage", asked);
    if (storageClass !== "") {
      usage.set(`${storageClass}.storageclass.storage.k8s.io/requests.storage`, asked);
      usage.set(`${storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims`, 1);
    }
  }
  return usage;
}

/** A pod takes what its containers ask for together, or what its hungriest init container does, whichever is more. */
function podUsage(pod: KubeObject): Usage {
  const usage = new Map<string, number>([["pods", 1]]);
  for (const kind of ["requests", "limits"] as const) {
    const all = (part: string): readonly (readonly [string, number])[] =>
      listOf(at(pod, "spec", part)).flatMap((container) =>
        Object.entries(fieldsOf(at(container, "resources", kind))).map(([name, value]) => [name, parseQuantity(value) ?? 0] as const),
      );
    const sums = new Map<string, number>();
    for (const [name, amount] of all("containers")) sums.set(name, (sums.get(name) ?? 0) + amount);
    for (const [name, amount] of all("initContainers")) sums.set(name, Math.max(sums.get(name) ?? 0, amount));
    for (const [name, amount] of sums) {
      usage.set(`${kind}.${name}`, amount);
      if (kind === "requests" && ["cpu", "memory", "ephemeral-storage"].includes(name)) usage.set(name, amount);
    }
  }
  return usage;
}

/** Scopes of a quota that concern pods; an object that is no pod is in none. */
export function isInScope(quota: KubeObject, storage: string, object: KubeObject): boolean {
  const scopes = listOf(at(quota, "spec", "scopes")).map(String);
  const selected = listOf(at(quota, "spec", "scopeSelector", "matchExpressions"));
  if (scopes.length === 0 && selected.length === 0) return true;
  return storage === "pods" && scopes.every((scope) => inScope(scope, object)) && selected.every((one) => inSelected(one, object));
}

function inScope(scope: string, pod: KubeObject): boolean {
  const isBestEffort = at(pod, "status", "qosClass") === "BestEffort";
  const isTerminating = at(pod, "spec", "activeDeadlineSeconds") !== undefined;
  switch (scope) {
    case "BestEffort":
      return isBestEffort;
    case "NotBestEffort":
      return !isBestEffort;
    case "Terminating":
      return isTerminating;
    case "NotTerminating":
      return !isTerminating;
    case "PriorityClass":
      return (textOf(at(pod, "spec", "priorityClassName")) ?? "") !== "";
    default:
      return true;
  }
}

function inSelected(expression: unknown, pod: KubeObject): boolean {
  const scope = textOf(at(expression, "scopeName")) ?? "";
  if (scope !== "PriorityClass") return inScope(scope, pod);
  const name = textOf(at(pod, "spec", "priorityClassName")) ?? "";
  const values = listOf(at(expression, "values")).map(String);
  switch (at(expression, "operator")) {
    case "In":
      return values.includes(name);
    case "NotIn":
      return !values.includes(name);
    case "DoesNotExist":
      return name === "";
    default:
      return name !== "";
  }
}

/** What the objects of a namespace take of a quota now, of the amounts the quota limits. */
export function usedOf(store: Store, quota: KubeObject, storages: readonly string[]): Usage {
  const limited = Object.keys(fieldsOf(at(quota, "spec", "hard")));
  const used = new Map<string, number>(limited.map((name) => [name, 0]));
  for (const storage of storages) {
    if (!limited.some((name) => concerns(name, storage))) continue;
    for (const object of store.list(storage, quota.metadata.namespace)) {
      if (!isInScope(quota, storage, object)) continue;
      for (const [name, amount] of usageOf(storage, object)) if (used.has(name)) used.set(name, (used.get(name) ?? 0) + amount);
    }
  }
  return used;
}

const POD_AMOUNTS = /^(?:pods|cpu|memory|ephemeral-storage|(?:requests|limits)\.(?!storage$).*)$/;

/** Whether objects of this type can take of an amount at all: most quotas are about pods alone. */
function concerns(amount: string, storage: string): boolean {
  if (amount.startsWith("count/")) return amount === `count/${storage}`;
  if (storage === "pods") return POD_AMOUNTS.test(amount);
  if (storage === "services") return amount.startsWith("services");
  if (storage === "persistentvolumeclaims") return amount === "persistentvolumeclaims" || amount.includes("storage");
  return COUNTED[storage] === amount;
}
