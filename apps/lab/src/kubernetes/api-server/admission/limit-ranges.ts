import {
  at,
  fieldsOf,
  forbidden,
  listOf,
  own,
  parseQuantity,
  textOf,
  withAt,
  withField,
  type ApiFailure,
  type Fields,
  type KubeObject,
  type Store,
} from "@slash28/kube-store";

import { plainAmount } from "./amount-text.ts";
import { eachOf, fill } from "./default-pod.ts";

const NOTE = "kubernetes.io/limit-ranger";
const PARTS = ["containers", "initContainers"] as const;

/** A pod with the requests and limits that its namespace's LimitRanges give containers that say nothing (LimitRanger's first half). */
export function withDefaultLimits(pod: KubeObject, store: Store): KubeObject {
  const items = itemsOf(store, pod.metadata.namespace, "Container");
  if (items.length === 0) return pod;
  const notes: string[] = [];
  let spec = fieldsOf(pod["spec"]);
  for (const part of PARTS) {
    spec = eachOf(spec, part, (container) => items.reduce<Fields>((one, item) => withDefaults(one, item, part, notes), container));
  }
  if (notes.length === 0) return pod;
  return withAt({ ...pod, spec }, ["metadata", "annotations", NOTE], `LimitRanger plugin set: ${notes.join("; ")}`);
}

function itemsOf(store: Store, namespace: string | undefined, type: string): readonly unknown[] {
  const ranges = namespace === undefined ? [] : store.list("limitranges", namespace);
  return ranges.flatMap((range) => listOf(at(range, "spec", "limits")).filter((item) => at(item, "type") === type));
}

/** A limit that is given stands for a request that is not, before any default does. */
function withDefaults(container: Fields, item: unknown, part: string, notes: string[]): Fields {
  const resources = fieldsOf(own(container, "resources"));
  const limits = fieldsOf(own(resources, "limits"));
  const given = fieldsOf(own(resources, "requests"));
  const requests = fill(fill(given, limits), requestDefaults(item));
  const allLimits = fill(limits, fieldsOf(at(item, "default")));
  const added = (kind: string, before: Fields, after: Fields): void => {
    const names = Object.keys(after).filter((name) => own(before, name) === undefined);
    if (names.length > 0)
      notes.push(
        `${names.sort().join(", ")} ${kind} for ${part === "containers" ? "" : "init "}container ${textOf(container["name"]) ?? ""}`,
      );
  };
  added("request", fill(given, limits), requests);
  added("limit", limits, allLimits);
  const filled = { ...resources, ...nonEmpty("limits", allLimits), ...nonEmpty("requests", requests) };
  return withField(container, "resources", filled);
}

/** A default limit alone is the default request too. */
function requestDefaults(item: unknown): Fields {
  return fill(fieldsOf(at(item, "defaultRequest")), fieldsOf(at(item, "default")));
}

function nonEmpty(name: string, fields: Fields): Fields {
  return Object.keys(fields).length === 0 ? {} : { [name]: fields };
}

/** Why a pod or claim is outside of what its namespace's LimitRanges allow (LimitRanger's second half). */
export function limitRefusal(store: Store, storage: string, object: KubeObject): ApiFailure | undefined {
  const { name, namespace } = object.metadata;
  const faults = storage === "pods" ? podFaults(store, object) : storage === "persistentvolumeclaims" ? claimFaults(store, object) : [];
  if (namespace === undefined || faults.length === 0) return undefined;
  return forbidden(storage, name, faults.length === 1 ? faults.join("") : `[${faults.join(", ")}]`);
}

function podFaults(store: Store, pod: KubeObject): readonly string[] {
  const { namespace } = pod.metadata;
  const containers = PARTS.flatMap((part) => listOf(at(pod, "spec", part)));
  const ofContainers = itemsOf(store, namespace, "Container").flatMap((item) =>
    containers.flatMap((container) => {
      const resources = at(container, "resources");
      return faultsOf(item, "Container", (resource, kind) => parseQuantity(at(resources, kind, resource)));
    }),
  );
  const mains = listOf(at(pod, "spec", "containers"));
  const ofPod = itemsOf(store, namespace, "Pod").flatMap((item) =>
    faultsOf(item, "Pod", (resource, kind) => {
      const amounts = mains.map((container) => parseQuantity(at(container, "resources", kind, resource)));
      return amounts.some((amount) => amount === undefined) ? undefined : amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0);
    }),
  );
  return [...ofContainers, ...ofPod];
}

function claimFaults(store: Store, claim: KubeObject): readonly string[] {
  const asked = parseQuantity(at(claim, "spec", "resources", "requests", "storage"));
  return itemsOf(store, claim.metadata.namespace, "PersistentVolumeClaim").flatMap((item) =>
    faultsOf(item, "PersistentVolumeClaim", (resource, kind) => (resource === "storage" && kind === "requests" ? asked : undefined), false),
  );
}

type AmountOf = (resource: string, kind: "requests" | "limits") => number | undefined;

function faultsOf(item: unknown, type: string, amountOf: AmountOf, hasLimits = true): readonly string[] {
  const bounds = (name: string): readonly (readonly [string, number, string])[] =>
    Object.entries(fieldsOf(at(item, name))).flatMap(([resource, value]) => {
      const amount = parseQuantity(value);
      return amount === undefined ? [] : [[resource, amount, String(value)] as const];
    });
  const faults: string[] = [];
  for (const [resource, least, text] of bounds("min")) {
    const request = amountOf(resource, "requests");
    if (request === undefined) faults.push(`minimum ${resource} usage per ${type} is ${text}.  No request is specified`);
    else if (request < least) faults.push(`minimum ${resource} usage per ${type} is ${text}, but request is ${plainAmount(request)}`);
  }
  for (const [resource, most, text] of bounds("max")) {
    const amount = amountOf(resource, hasLimits ? "limits" : "requests");
    const kind = hasLimits ? "limit" : "request";
    if (amount === undefined) faults.push(`maximum ${resource} usage per ${type} is ${text}.  No ${kind} is specified`);
    else if (amount > most) faults.push(`maximum ${resource} usage per ${type} is ${text}, but ${kind} is ${plainAmount(amount)}`);
  }
  for (const [resource, most, text] of bounds("maxLimitRequestRatio")) {
    const [request, limit] = [amountOf(resource, "requests"), amountOf(resource, "limits")];
    if (request !== undefined && limit !== undefined && request > 0 && limit / request > most) {
      faults.push(`${resource} max limit to request ratio per ${type} is ${text}, but provided ratio is ${(limit / request).toFixed(6)}`);
    }
  }
  return faults;
}
