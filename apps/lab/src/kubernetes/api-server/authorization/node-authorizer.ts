import { ruleAllows, policyRuleOf, type Decision, type ResourceAttributes } from "@slash28/kube-rbac";
import { at, listOf, textOf, type KubeObject, type Store } from "@slash28/kube-store";

import type { Identity } from "../face.ts";
import { NODE_RULES } from "./default-rules.ts";

const NODE_USER = "system:node:";
const NODES = "system:nodes";
const RULES = NODE_RULES.map(policyRuleOf);

/** The name of the node that an identity is the kubelet of; `undefined` for anyone else. */
export function nodeNameOf(identity: Identity): string | undefined {
  const isNode = identity.groups.includes(NODES) && identity.name.startsWith(NODE_USER);
  return isNode ? identity.name.slice(NODE_USER.length) : undefined;
}

/**
 * What a kubelet may do (Kubernetes docs, "Using Node Authorization"): of secrets, config maps, claims and service accounts only those
 * that a pod bound to its node uses, its own Node, Lease and CSINode. `undefined` for anyone who is no kubelet.
 */
export function decideForNode(store: Store, identity: Identity, attributes: ResourceAttributes): Decision | undefined {
  const node = nodeNameOf(identity);
  if (node === undefined) return undefined;
  if (!RULES.some((rule) => ruleAllows(rule, attributes))) return { isAllowed: false, reason: "" };
  const why = refusal(store, node, attributes);
  return why === undefined ? { isAllowed: true, reason: "" } : { isAllowed: false, reason: why };
}

type Refuse = (store: Store, node: string, attributes: ResourceAttributes) => string | undefined;

const NO_RELATION = (node: string): string => `no relationship found between node '${node}' and this object`;

const usedByItsPods: Refuse = (store, node, { resource, name, namespace }) => {
  if (name === undefined) return "can only read a namespaced object of this type by its name";
  return podsOn(store, node, namespace).some((pod) => uses(pod, resource, name)) ? undefined : NO_RELATION(node);
};

const namedLikeNode: Refuse = (_store, node, { resource, verb, name, namespace }) => {
  const isInPlace = resource !== "leases" || namespace === "kube-node-lease";
  return isInPlace && (verb === "create" || name === node) ? undefined : `can only access ${resource} of the name of the node, '${node}'`;
};

/** Types of which a kubelet has only some objects; of the others in its rules it may see all. */
const REFUSE: Readonly<Record<string, Refuse>> = {
  secrets: usedByItsPods,
  configmaps: usedByItsPods,
  persistentvolumeclaims: usedByItsPods,
  serviceaccounts: usedByItsPods,
  leases: namedLikeNode,
  csinodes: namedLikeNode,
  nodes: (_store, node, { verb, name }) =>
    verb === "create" || name === node ? undefined : `node '${node}' can only read its own Node object, not '${name ?? "all"}'`,
  pods: (store, node, { name, namespace }) => (name === undefined ? undefined : foreignPod(store, node, namespace, name)),
};

function refusal(store: Store, node: string, attributes: ResourceAttributes): string | undefined {
  return Object.hasOwn(REFUSE, attributes.resource) ? REFUSE[attributes.resource]?.(store, node, attributes) : undefined;
}

function foreignPod(store: Store, node: string, namespace: string | undefined, name: string): string | undefined {
  const pod = store.get("pods", { name, namespace });
  return pod === undefined || at(pod, "spec", "nodeName") === node ? undefined : NO_RELATION(node);
}

function podsOn(store: Store, node: string, namespace: string | undefined): readonly KubeObject[] {
  return store.list("pods", namespace).filter((pod) => at(pod, "spec", "nodeName") === node);
}

/** Whether a pod names this object: in a volume, in its environment, to pull images, or as its account. */
function uses(pod: KubeObject, resource: string, name: string): boolean {
  if (resource === "serviceaccounts") return at(pod, "spec", "serviceAccountName") === name;
  const volumes = listOf(at(pod, "spec", "volumes"));
  if (resource === "persistentvolumeclaims") return volumes.some((volume) => at(volume, "persistentVolumeClaim", "claimName") === name);
  const field = resource === "secrets" ? "secret" : "configMap";
  const containers = ["containers", "initContainers", "ephemeralContainers"].flatMap((part) => listOf(at(pod, "spec", part)));
  const inVolumes = volumes.some(
    (volume) =>
      at(volume, field, field === "secret" ? "secretName" : "name") === name ||
      listOf(at(volume, "projected", "sources")).some((source) => at(source, field, "name") === name),
  );
  const inEnv = containers.some(
    (container) =>
      listOf(at(container, "envFrom")).some((from) => at(from, `${field}Ref`, "name") === name) ||
      listOf(at(container, "env")).some((variable) => at(variable, "valueFrom", `${field}KeyRef`, "name") === name),
  );
  const pulls = resource === "secrets" && listOf(at(pod, "spec", "imagePullSecrets")).some((secret) => textOf(at(secret, "name")) === name);
  return inVolumes || inEnv || pulls;
}
