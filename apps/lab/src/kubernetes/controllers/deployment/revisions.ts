import { canonicalJson, ownerReferenceTo, shortHash } from "../objects/index.ts";
import type { Deployment, PodTemplate, ReplicaSet } from "../objects/index.ts";

export const REVISION = "deployment.kubernetes.io/revision";
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";
export const TEMPLATE_HASH = "pod-template-hash";

/** Annotations that belong to the deployment itself and are not handed to its replica sets. */
const OWN_ANNOTATIONS = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

/** The replica set of the deployment's present template; the oldest, should there be several. */
export function findNewReplicaSet(deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const wanted = comparable(deployment.spec.template);
  return byAge(replicaSets).find((set) => comparable(set.spec.template) === wanted);
}

/** The template as text, without the label that replica sets add to it. */
function comparable(template: PodTemplate): string {
  const { [TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  return canonicalJson({ ...template, metadata: { ...template.metadata, labels } });
}

/** Oldest first; equally old by name, so that every turn sees the same order. */
export function byAge(replicaSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const time = (set: ReplicaSet): number => Date.parse(set.metadata.creationTimestamp ?? "") || 0;
  return [...replicaSets].sort((a, b) => time(a) - time(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
}

export function revisionOf(object: Deployment | ReplicaSet): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0) || 0;
}

/** The revision the new replica set must have: one above every other. */
export function nextRevision(others: readonly ReplicaSet[]): number {
  return Math.max(0, ...others.map(revisionOf)) + 1;
}

/** A new replica set for the deployment's present template. */
export function replicaSetFor(deployment: Deployment, replicas: number, revision: number, maxReplicas: number): ReplicaSet {
  const { spec, metadata, status } = deployment;
  const hash = shortHash([spec.template, status?.collisionCount ?? 0]);
  const labels = { ...spec.template.metadata?.labels, [TEMPLATE_HASH]: hash };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace ?? "default",
      labels,
      annotations: {
        ...inherited(deployment),
        [REVISION]: String(revision),
        [DESIRED_REPLICAS]: String(spec.replicas ?? 1),
        [MAX_REPLICAS]: String(maxReplicas),
      },
      ownerReferences: [ownerReferenceTo(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

function inherited(deployment: Deployment): Record<string, string> {
  const entries = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.has(key));
  return Object.fromEntries(entries);
}

/** The new replica set with the annotations of its deployment and its revision; the revisions it had before are remembered. */
export function withRevision(set: ReplicaSet, deployment: Deployment, revision: number): ReplicaSet {
  const before = revisionOf(set);
  const annotations: Record<string, string> = { ...set.metadata.annotations, ...inherited(deployment) };
  if (revision > before) {
    annotations[REVISION] = String(revision);
    if (before > 0) {
      const history = (annotations[REVISION_HISTORY] ?? "").split(",").filter((entry) => entry !== "" && entry !== String(before));
      annotations[REVISION_HISTORY] = [...history, String(before)].join(",");
    }
  }
  return { ...set, metadata: { ...set.metadata, annotations } };
}
