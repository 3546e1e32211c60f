import { controllerOf, isActive, isReady, ownerReferenceTo } from "../objects/index.ts";
import type { Claim, Pod, PodTemplate, StatefulSet } from "../objects/index.ts";
import { REVISION_LABEL } from "../template-history.ts";

/** A version of a set's template, by the name of the revision that holds it. */
export interface Version {
  readonly name: string;
  readonly template: PodTemplate;
}

export const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";
export const POD_INDEX_LABEL = "apps.kubernetes.io/pod-index";

/** The numbers of the pods a set wants, lowest first. */
export function wantedOrdinals({ spec }: StatefulSet): readonly number[] {
  const start = spec.ordinals?.start ?? 0;
  return Array.from({ length: spec.replicas ?? 1 }, (_, i) => start + i);
}

/** The number in a pod's name; `undefined` when the name is not one this set gives. */
export function ordinalOf(set: StatefulSet, podName: string): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const rest = podName.startsWith(prefix) ? podName.slice(prefix.length) : "";
  return /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : undefined;
}

export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

export function versionOf(pod: Pod): string | undefined {
  return pod.metadata.labels?.[REVISION_LABEL];
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === "Running" && isReady(pod);
}

export function isHealthy(pod: Pod | undefined): boolean {
  return pod !== undefined && isActive(pod) && isRunningAndReady(pod);
}

/** The pod with this number: name, host name and volumes are its own and stay when it is made anew. */
export function statefulPod(set: StatefulSet, ordinal: number, version: Version): Pod {
  const name = podName(set, ordinal);
  const { template } = version;
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    name: claim.metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) },
  }));
  const own = new Set(claims.map((volume) => volume.name));
  const volumes = ((template.spec["volumes"] ?? []) as readonly { readonly name: string }[]).filter((volume) => !own.has(volume.name));
  const { serviceName } = set.spec;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace ?? "default",
      labels: {
        ...template.metadata?.labels,
        [REVISION_LABEL]: version.name,
        [POD_NAME_LABEL]: name,
        [POD_INDEX_LABEL]: String(ordinal),
      },
      ...(template.metadata?.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
      ownerReferences: [ownerReferenceTo(set)],
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(serviceName === undefined || serviceName === "" ? {} : { subdomain: serviceName }),
      ...(claims.length + volumes.length === 0 ? {} : { volumes: [...claims, ...volumes] }),
    },
  };
}

export function claimName(set: StatefulSet, template: Claim, ordinal: number): string {
  return `${template.metadata.name}-${podName(set, ordinal)}`;
}

/** The claims of the pod with this number. */
export function claimsFor(set: StatefulSet, ordinal: number): readonly Claim[] {
  const keepsForSet = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted !== "Delete";
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace ?? "default",
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
      ...(template.metadata.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
      ...(keepsForSet ? {} : { ownerReferences: [ownerReferenceTo(set)] }),
    },
    spec: template.spec,
  }));
}

/** Whether a pod nobody owns is one this set may take on. */
export function isOrphanOf(set: StatefulSet, pod: Pod): boolean {
  return controllerOf(pod) === undefined && pod.metadata.deletionTimestamp === undefined && ordinalOf(set, pod.metadata.name) !== undefined;
}
