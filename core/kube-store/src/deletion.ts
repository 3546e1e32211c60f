import { at, numberOf, textOf, withField } from "./fields.ts";
import type { KubeObject, ObjectMeta } from "./kube-object.ts";

export interface DeletionRequest {
  /** Absent: the object's own. Only pods are deleted gracefully. */
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagation?: "Foreground" | "Background" | "Orphan" | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** RFC 3339 text of a time in milliseconds; this package has no calendar. */
  readonly timeText: (ms: number) => string;
}

/** What deleting does to an object now. */
export type Deletion =
  | { readonly kind: "remove" }
  /** Marked: finalizers, or the node that runs the pod, have the last word. */
  | { readonly kind: "mark"; readonly object: KubeObject }
  | { readonly kind: "already-marked" };

const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";
const DEFAULT_GRACE_SECONDS = 30;

export function decideDeletion(object: KubeObject, request: DeletionRequest): Deletion {
  const graceSeconds = graceOf(object, request);
  const finalizers = finalizersFor(object.metadata, request.propagation);
  if (graceSeconds === 0 && finalizers.length === 0) return { kind: "remove" };
  const marked = mark(object, graceSeconds, request);
  const metadata = withField(marked, "finalizers", finalizers.length === 0 ? undefined : finalizers);
  const isSame =
    metadata === object.metadata || (marked === object.metadata && finalizers.length === (object.metadata.finalizers ?? []).length);
  return isSame ? { kind: "already-marked" } : { kind: "mark", object: { ...object, metadata } };
}

function mark(object: KubeObject, graceSeconds: number, request: DeletionRequest): ObjectMeta {
  const { metadata } = object;
  const already = numberOf(metadata["deletionGracePeriodSeconds"]);
  // A second delete may only shorten the wait.
  if (metadata.deletionTimestamp !== undefined && already !== undefined && graceSeconds >= already) return metadata;
  const isCounted = metadata.generation !== undefined && metadata.deletionTimestamp === undefined;
  const generation = isCounted ? metadata.generation + 1 : metadata.generation;
  return {
    ...metadata,
    ...(generation === undefined ? {} : { generation }),
    deletionTimestamp: request.timeText(request.now + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
  };
}

function graceOf(object: KubeObject, request: DeletionRequest): number {
  if (object.kind !== "Pod" || object.apiVersion !== "v1") return 0;
  const phase = textOf(at(object, "status", "phase"));
  const isUnscheduled = (textOf(at(object, "spec", "nodeName")) ?? "") === "";
  if (isUnscheduled || phase === "Succeeded" || phase === "Failed") return 0;
  const own = numberOf(at(object, "spec", "terminationGracePeriodSeconds")) ?? DEFAULT_GRACE_SECONDS;
  return Math.max(0, request.gracePeriodSeconds ?? numberOf(object.metadata["deletionGracePeriodSeconds"]) ?? own);
}

function finalizersFor(metadata: ObjectMeta, propagation: DeletionRequest["propagation"]): readonly string[] {
  const current = metadata.finalizers ?? [];
  if (propagation === undefined) return current;
  const others = current.filter((name) => name !== FOREGROUND && name !== ORPHAN);
  if (propagation === "Background") return others;
  return [...others, propagation === "Foreground" ? FOREGROUND : ORPHAN];
}
