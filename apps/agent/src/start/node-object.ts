import type { EniSettings } from "@slash28/ipam";
import type { KubeObject } from "@slash28/ports";
import { eniConfigNameOf } from "./eni-config.ts";

/** What the agent reads of its Node object. */
export interface NodeObjectFacts {
  /** `status.capacity.pods`. */
  readonly maxPods?: number;
  /** The node is cordoned. */
  readonly isUnschedulable: boolean;
  readonly eniConfigName: string;
}

const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

export function readNodeObject(node: KubeObject, settings: Pick<EniSettings, "eniConfigAnnotation" | "eniConfigLabel">): NodeObjectFacts {
  const { status, spec } = node as {
    status?: { capacity?: { pods?: unknown } };
    spec?: { taints?: readonly { key?: unknown; effect?: unknown }[] };
  };
  const maxPods = Number(status?.capacity?.pods);
  const isUnschedulable = spec?.taints?.some((taint) => taint.key === UNSCHEDULABLE && taint.effect === "NoSchedule") ?? false;
  const eniConfigName = eniConfigNameOf(node, settings);
  return { isUnschedulable, eniConfigName, ...(Number.isInteger(maxPods) && maxPods > 0 ? { maxPods } : {}) };
}
