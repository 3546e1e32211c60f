import type { KubeObject } from "@slash28/ports";
import type { Affinity, Quantities } from "./pod.ts";
import type { LabelSelector } from "./workload.ts";

/** v1 PersistentVolumeClaim. */
export interface Claim extends KubeObject {
  readonly spec: {
    readonly accessModes?: readonly string[];
    /** Absent: the default class; empty: only volumes without a class. */
    readonly storageClassName?: string;
    readonly volumeMode?: string;
    readonly volumeName?: string;
    readonly selector?: LabelSelector;
    readonly resources?: { readonly requests?: Quantities };
  };
  readonly status?: { readonly phase?: string; readonly accessModes?: readonly string[]; readonly capacity?: Quantities };
}

/** v1 PersistentVolume. */
export interface PersistentVolume extends KubeObject {
  readonly spec: {
    readonly capacity?: Quantities;
    readonly accessModes?: readonly string[];
    readonly storageClassName?: string;
    readonly volumeMode?: string;
    readonly persistentVolumeReclaimPolicy?: string;
    readonly claimRef?: { readonly name: string; readonly namespace: string; readonly uid?: string; readonly [field: string]: unknown };
    readonly nodeAffinity?: { readonly required?: NodeRequirement };
    readonly csi?: { readonly driver: string; readonly volumeHandle: string; readonly [field: string]: unknown };
    readonly local?: { readonly path: string };
    readonly hostPath?: { readonly path: string; readonly type?: string };
  };
  readonly status?: { readonly phase?: string };
}

type NodeRequirement = NonNullable<NonNullable<Affinity["nodeAffinity"]>["requiredDuringSchedulingIgnoredDuringExecution"]>;

/** storage.k8s.io/v1 */
export interface StorageClass extends KubeObject {
  readonly provisioner: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
}
