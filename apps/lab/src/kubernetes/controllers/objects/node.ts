import type { KubeObject } from "@slash28/ports";
import type { Condition, Quantities } from "./pod.ts";

export interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[]; readonly [field: string]: unknown };
  readonly status?: {
    readonly allocatable?: Quantities;
    readonly capacity?: Quantities;
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly [field: string]: unknown;
  };
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

/** coordination.k8s.io/v1: a kubelet's sign of life. */
export interface Lease extends KubeObject {
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string; readonly leaseDurationSeconds?: number };
}
