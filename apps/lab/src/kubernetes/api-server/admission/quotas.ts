import {
  at,
  fieldsOf,
  forbidden,
  listOf,
  parseQuantity,
  sameJson,
  textOf,
  type ApiFailure,
  type Fields,
  type KubeObject,
  type Store,
} from "@slash28/kube-store";

import type { AdmissionAct } from "../operations/admission-stage.ts";
import type { Cluster } from "../operations/cluster.ts";
import { amountText } from "./amount-text.ts";
import { isInScope, usageOf, usedOf, type Usage } from "./quota-usage.ts";

const QUOTAS = "resourcequotas";

/** Why an object must not come into being: a ResourceQuota of its namespace is used up, or asks for amounts that it does not name. */
export function quotaRefusal(
  store: Store,
  storages: readonly string[],
  { operation, definition, object, before, namespace, subresource }: AdmissionAct,
): ApiFailure | undefined {
  const isWrite = operation === "CREATE" || operation === "UPDATE";
  if (!isWrite || object === undefined || namespace === undefined || subresource !== undefined) return undefined;
  const { storage } = definition;
  for (const quota of store.list(QUOTAS, namespace)) {
    if (!isInScope(quota, storage, object)) continue;
    const asked = usageOf(storage, object);
    const had: Usage = before === undefined ? new Map() : usageOf(storage, before);
    const why = unnamed(quota, storage, object, asked) ?? exceeded(store, storages, quota, asked, had);
    if (why !== undefined) return forbidden(storage, object.metadata.name, why);
  }
  return undefined;
}

const COMPUTE = /^(?:cpu|memory|ephemeral-storage|(?:requests|limits)\.(?:cpu|memory|ephemeral-storage))$/;

/** A quota of cpu or memory holds only if every container says how much it takes. */
function unnamed(quota: KubeObject, storage: string, pod: KubeObject, asked: Usage): string | undefined {
  if (storage !== "pods") return undefined;
  const missing = Object.keys(fieldsOf(at(quota, "spec", "hard")))
    .filter((name) => COMPUTE.test(name) && !asked.has(name))
    .sort();
  if (missing.length === 0) return undefined;
  const names = listOf(at(pod, "spec", "containers")).map((container) => textOf(at(container, "name")) ?? "");
  return `failed quota: ${quota.metadata.name}: must specify ${missing.map((name) => `${name} for: ${names.join(",")}`).join("; ")}`;
}

function exceeded(store: Store, storages: readonly string[], quota: KubeObject, asked: Usage, had: Usage): string | undefined {
  const hard = fieldsOf(at(quota, "spec", "hard"));
  const more = [...asked]
    .map(([name, amount]) => [name, amount - (had.get(name) ?? 0)] as const)
    .filter(([name, amount]) => amount > 0 && Object.hasOwn(hard, name));
  if (more.length === 0) return undefined;
  const used = usedOf(store, quota, storages);
  const over = more
    .filter(([name, amount]) => (used.get(name) ?? 0) + amount > (parseQuantity(hard[name]) ?? 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (over.length === 0) return undefined;
  const list = (amountOf: (name: string, amount: number) => string): string =>
    over.map(([name, amount]) => `${name}=${amountOf(name, amount)}`).join(",");
  return [
    `exceeded quota: ${quota.metadata.name}`,
    `requested: ${list((name, amount) => amountText(name, amount))}`,
    `used: ${list((name) => amountText(name, used.get(name) ?? 0))}`,
    `limited: ${list((name) => String(hard[name]))}`,
  ].join(", ");
}

/** Keeps the status of every ResourceQuota what its namespace's objects take, as the quota controller does. */
export function followQuotas(cluster: Cluster): void {
  const { store, registry } = cluster;
  const dirty = new Set<string>();
  const settle = (): void => {
    const namespaces = [...dirty];
    dirty.clear();
    for (const namespace of namespaces)
      for (const quota of store.list(QUOTAS, namespace))
        tell(
          store,
          quota,
          registry.stored().map((one) => one.storage),
        );
  };
  store.onWrite(({ before, after }) => {
    const namespace = (after ?? before)?.metadata.namespace;
    if (namespace === undefined || dirty.has(namespace) || store.list(QUOTAS, namespace).length === 0) return;
    // Many writes of one turn are counted once.
    if (dirty.size === 0) queueMicrotask(settle);
    dirty.add(namespace);
  });
}

function tell(store: Store, quota: KubeObject, storages: readonly string[]): void {
  const hard = fieldsOf(at(quota, "spec", "hard"));
  const used: Fields = Object.fromEntries(
    [...usedOf(store, quota, storages)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => [name, amountText(name, amount)]),
  );
  const status = { hard, used };
  if (!sameJson(quota["status"], status)) store.replace(QUOTAS, { ...quota, status });
}
