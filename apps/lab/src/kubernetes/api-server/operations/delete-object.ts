import {
  at,
  conflict,
  decideDeletion,
  fail,
  forbidden,
  notFound,
  succeed,
  type ApiFailure,
  type KubeObject,
  type Result,
} from "@slash28/kube-store";

import { CRD_STORAGE } from "../resources/resource-registry.ts";
import { timeText } from "../time-text.ts";
import type { AdmissionStage } from "./admission-stage.ts";
import { present, type Cluster, type NamedTarget } from "./cluster.ts";
import { emptyNamespace, emptyResource } from "./empty-container.ts";

export interface DeleteRequest {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagation?: "Foreground" | "Background" | "Orphan" | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly isDryRun?: boolean | undefined;
  /** Admission by who is asking. Absent: what the cluster does by itself. */
  readonly stage?: AdmissionStage | undefined;
}

/** What became of the object: taken away at once, or marked and waiting for its finalizers or its node. */
export interface Deleted {
  readonly isGone: boolean;
  readonly object: KubeObject;
}

const KEPT_NAMESPACES = new Set(["default", "kube-system", "kube-public"]);

export function deleteObject(cluster: Cluster, target: NamedTarget, request: DeleteRequest): Result<Deleted> {
  const { definition, name, namespace } = target;
  const { storage } = definition;
  const before = cluster.store.get(storage, { name, namespace });
  if (before === undefined) return fail(notFound(storage, name));
  const refused = precondition(storage, before, request) ?? refusedByStage(target, before, request);
  if (refused !== undefined) return fail(refused);
  const holdsOthers = storage === "namespaces" || storage === CRD_STORAGE;
  const decision = holdsOthers
    ? markContainer(cluster, storage, before)
    : decideDeletion(before, { ...request, now: cluster.now(), timeText });
  if (request.isDryRun === true) return succeed({ isGone: decision.kind === "remove", object: present(definition, before) });
  switch (decision.kind) {
    case "remove": {
      const gone = cluster.store.remove(storage, { name, namespace });
      return gone.ok ? succeed({ isGone: true, object: present(definition, gone.value) }) : gone;
    }
    case "already-marked":
      return succeed({ isGone: false, object: present(definition, before) });
    case "mark": {
      const marked = cluster.store.replace(storage, decision.object);
      if (!marked.ok) return marked;
      if (storage === "namespaces") emptyNamespace(cluster, name, deleteObject);
      if (storage === CRD_STORAGE) emptyResource(cluster, marked.value, deleteObject);
      const left = cluster.store.get(storage, { name, namespace });
      return succeed({ isGone: left === undefined, object: present(definition, left ?? marked.value) });
    }
    default:
      return decision satisfies never;
  }
}

function refusedByStage({ definition, name, namespace }: NamedTarget, before: KubeObject, request: DeleteRequest): ApiFailure | undefined {
  const { stage, isDryRun = false } = request;
  if (stage === undefined) return undefined;
  const act = { operation: "DELETE", definition, name, namespace, before, isDryRun } as const;
  const mutated = stage.mutate(act);
  const admitted = mutated.ok ? stage.validate(act) : mutated;
  return admitted.ok ? undefined : admitted.failure;
}

function precondition(storage: string, before: KubeObject, request: DeleteRequest): ReturnType<typeof conflict> | undefined {
  const { name, uid, resourceVersion } = before.metadata;
  if (storage === "namespaces" && KEPT_NAMESPACES.has(name)) return forbidden(storage, name, "this namespace may not be deleted");
  if (request.uid !== undefined && request.uid !== uid) {
    return conflict(storage, name, `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${uid ?? ""}`);
  }
  if (request.resourceVersion !== undefined && request.resourceVersion !== resourceVersion) {
    return conflict(
      storage,
      name,
      `the ResourceVersion in the precondition (${request.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion ?? ""})`,
    );
  }
  return undefined;
}

/** Namespaces and resource definitions go when nothing is left in them. */
function markContainer(cluster: Cluster, storage: string, before: KubeObject): ReturnType<typeof decideDeletion> {
  if (before.metadata.deletionTimestamp !== undefined) return { kind: "already-marked" };
  const metadata = { ...before.metadata, deletionTimestamp: timeText(cluster.now()) };
  const status = storage === "namespaces" ? { ...(at(before, "status") as object | undefined), phase: "Terminating" } : before["status"];
  return { kind: "mark", object: { ...before, metadata, ...(status === undefined ? {} : { status }) } };
}
