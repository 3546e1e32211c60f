import { at, fieldsOf, forbidden, sameJson, textOf, type ApiFailure, type Store } from "@slash28/kube-store";

import type { Identity } from "../face.ts";
import type { AdmissionAct } from "../operations/admission-stage.ts";
import { nodeNameOf } from "./node-authorizer.ts";

const RESTRICTED = /(?:^|\.)node-restriction\.kubernetes\.io\//;
/** Labels under kubernetes.io and k8s.io that a kubelet may give its node (Kubernetes docs, "NodeRestriction"). */
const OWN_LABELS = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/arch",
  "kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.kubernetes.io/region",
  "failure-domain.kubernetes.io/zone",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);
const OWN_LABEL_GROUPS = /(?:^|\.)(?:kubelet\.kubernetes\.io|node\.kubernetes\.io)\//;
const RESERVED = /(?:^|\.)(?:kubernetes\.io|k8s\.io)\//;

/** Why a kubelet may not write this: it keeps to its own Node, the pods bound to it and its lease. `undefined` for anyone else. */
export function nodeRefusal(store: Store, caller: Identity, act: AdmissionAct): ApiFailure | undefined {
  const node = nodeNameOf(caller);
  if (node === undefined) return undefined;
  const why = whyNot(store, node, act);
  return why === undefined ? undefined : forbidden(act.definition.storage, act.name, why);
}

function whyNot(store: Store, node: string, act: AdmissionAct): string | undefined {
  switch (act.definition.storage) {
    case "nodes":
      return whyNotNode(node, act);
    case "pods":
      return whyNotPod(store, node, act);
    case "leases.coordination.k8s.io":
    case "csinodes.storage.k8s.io":
      return act.name === node ? undefined : `can only access ${act.definition.plural} with the same name as the requesting node`;
    default:
      return undefined;
  }
}

function whyNotNode(node: string, { name, operation, object, before }: AdmissionAct): string | undefined {
  if (name !== node) return `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(name)}`;
  if (operation === "DELETE" || object === undefined) return undefined;
  const changed = changedLabels(fieldsOf(before?.metadata.labels), fieldsOf(object.metadata.labels));
  const foreign = changed.filter((label) => RESTRICTED.test(label) || (RESERVED.test(label) && !isOwnLabel(label)));
  if (foreign.length > 0) return `is not allowed to modify labels: ${foreign.join(", ")}`;
  if (before === undefined) return undefined;
  if (!sameJson(at(before, "spec", "taints") ?? [], at(object, "spec", "taints") ?? [])) {
    return `node ${JSON.stringify(node)} is not allowed to modify taints`;
  }
  return sameJson(before.metadata.ownerReferences ?? [], object.metadata.ownerReferences ?? [])
    ? undefined
    : `node ${JSON.stringify(node)} is not allowed to modify its own owner references`;
}

function isOwnLabel(label: string): boolean {
  return OWN_LABELS.has(label) || OWN_LABEL_GROUPS.test(label);
}

function changedLabels(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((label) => before[label] !== after[label]).sort();
}

const MIRROR = "kubernetes.io/config.mirror";

function whyNotPod(
  store: Store,
  node: string,
  { operation, object, before, subresource, namespace, name }: AdmissionAct,
): string | undefined {
  const pod = before ?? store.get("pods", { name, namespace }) ?? object;
  const on = textOf(at(pod, "spec", "nodeName")) ?? "";
  if (operation === "CREATE" && subresource === undefined) {
    if (object?.metadata.annotations?.[MIRROR] === undefined)
      return `pod does not have ${JSON.stringify(MIRROR)} annotation, node ${JSON.stringify(node)} can only create mirror pods`;
  } else if (operation === "UPDATE" && subresource !== "status") {
    return `unexpected subresource ${JSON.stringify(subresource ?? "")}: node ${JSON.stringify(node)} can only update pod status`;
  }
  return on === node ? undefined : `node ${JSON.stringify(node)} can only act on pods with spec.nodeName set to itself`;
}
