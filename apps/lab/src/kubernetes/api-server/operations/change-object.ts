import {
  at,
  CHANGED_MEANWHILE,
  conflict,
  fail,
  isFields,
  isReadyToGo,
  notFound,
  succeed,
  updated,
  withAt,
  type KubeObject,
  type Result,
  type WrittenPart,
} from "@slash28/kube-store";

import { admit } from "./admit.ts";
import { present, type Cluster, type NamedTarget, type Written, type WriteOptions } from "./cluster.ts";
import { decode } from "./create-object.ts";
import { stampedAs, withOwners } from "./field-owners.ts";
import { patchBody, type Patch } from "./patch-body.ts";
import { scaleStage } from "./scale-view.ts";

/** Replaces an object, or its status, by what was sent. */
export function updateObject(cluster: Cluster, target: NamedTarget, body: unknown, options: ChangeOptions): Result<Written> {
  const before = current(cluster, target);
  return before.ok ? write(cluster, { target, before: before.value, body, options }) : before;
}

/** Changes an object, or its status, by a patch. Everything happens in one turn, so a patch never meets a conflict of its own making. */
export function patchObject(cluster: Cluster, target: NamedTarget, patch: Patch, options: ChangeOptions): Result<Written> {
  const before = current(cluster, target);
  if (!before.ok) return before;
  const restore = withoutStaleVersion(patch, before.value);
  const body = patchBody(present(target.definition, before.value), restore.patch, target.definition);
  if (!body.ok) return body;
  const written = write(cluster, { target, before: before.value, body: body.value, options });
  return written.ok && restore.warning !== undefined
    ? succeed({ ...written.value, warnings: [...written.value.warnings, restore.warning] })
    : written;
}

/** What client-side `kubectl apply` applied last, as JSON text. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const STALE_APPLY =
  "the applied file carries metadata.resourceVersion of an older state; it is ignored here, but other API servers refuse such a file: take resourceVersion out of backups";

/**
 * `kubectl get -o yaml > backup.yaml`, later `kubectl apply -f backup.yaml`: the file still holds the version it was saved at. What is meant
 * is clear, so it is carried out, with a warning, where upstream answers 409.
 */
function withoutStaleVersion(patch: Patch, before: KubeObject): { readonly patch: Patch; readonly warning?: string } {
  const version = at(patch.body, "metadata", "resourceVersion");
  const isApply = at(patch.body, "metadata", "annotations", LAST_APPLIED) !== undefined;
  if (!isApply || version === undefined || version === before.metadata.resourceVersion || !isFields(patch.body)) return { patch };
  return { patch: { ...patch, body: withAt(patch.body, ["metadata", "resourceVersion"], undefined) }, warning: STALE_APPLY };
}

function current(cluster: Cluster, { definition, name, namespace }: NamedTarget): Result<KubeObject> {
  const stored = cluster.store.get(definition.storage, { name, namespace });
  return stored === undefined ? fail(notFound(definition.storage, name)) : succeed(stored);
}

/** How a part of an object is written. */
export interface ChangeOptions extends WriteOptions {
  readonly part?: WrittenPart;
  /** What admission is told is written, where that is neither the object nor its status: `scale`. */
  readonly subresource?: string;
}

interface Change {
  readonly target: NamedTarget;
  readonly before: KubeObject;
  readonly body: unknown;
  readonly options: ChangeOptions;
}

function write(cluster: Cluster, asked: Change): Result<Written> {
  const change = { ...asked, options: withScaleStage(asked) };
  const { target, before, options } = change;
  const { definition, name } = target;
  const named = withRequestName(change.body, target);
  if (!named.ok) return named;
  const decoded = decode(definition, named.value, options);
  if (!decoded.ok) return decoded;
  const { object: sent, warnings: unknown } = decoded.value;
  const stale = staleness(sent, before);
  if (stale !== undefined) return fail(conflict(definition.storage, name, stale));
  const part = options.part ?? "main";
  const hasStatus = definition.subresources.includes("status");
  const versioned = { ...sent, metadata: { ...sent.metadata, resourceVersion: before.metadata.resourceVersion ?? "" } };
  const wanted = updated(before, versioned, part, hasStatus);
  const own = (shaped: KubeObject): KubeObject => {
    const managed = part === "main" ? sent.metadata["managedFields"] : undefined;
    return withOwners(cluster, { definition, part, options }, before, updated(before, shaped, part, hasStatus), managed);
  };
  const isPlainStatus = part === "status" && definition.custom === undefined;
  const admitted = isPlainStatus
    ? admitStatus(change, own(wanted))
    : admit(cluster, { definition, object: wanted, before, options, subresource: options.subresource ?? subresourceOf(part), own });
  if (!admitted.ok) return admitted;
  const after = stampedAs(
    updated(before, admitted.value.object, part, hasStatus && !isSelfStated(definition.storage)),
    admitted.value.object.metadata["managedFields"],
  );
  const warnings = [...unknown, ...admitted.value.warnings];
  if (options.isDryRun === true) return succeed({ object: present(definition, after), warnings });
  if (isReadyToGo(after)) {
    const gone = cluster.store.remove(definition.storage, { name, namespace: target.namespace });
    return gone.ok ? succeed({ object: present(definition, after), warnings }) : gone;
  }
  const stored = cluster.store.replace(definition.storage, after);
  return stored.ok ? succeed({ object: present(definition, stored.value), warnings }) : stored;
}

/** Whoever writes replicas through the scale sent a Scale, and admission sees that. */
function withScaleStage({ target, options }: Change): ChangeOptions {
  const { stage, subresource } = options;
  return stage === undefined || subresource !== "scale" ? options : { ...options, stage: scaleStage(stage, target.definition) };
}

/** A status is taken as it comes, but whoever admits its writer has a say. */
function admitStatus({ target, before, options }: Change, asked: KubeObject): Result<Written> {
  const { definition, name, namespace } = target;
  const act = {
    operation: "UPDATE",
    definition,
    name,
    namespace,
    subresource: options.subresource ?? "status",
    before,
    isDryRun: options.isDryRun === true,
  } as const;
  const changed = options.stage?.mutate({ ...act, object: asked }) ?? succeed(asked);
  if (!changed.ok) return changed;
  const object = changed.value ?? asked;
  const validated = options.stage?.validate({ ...act, object });
  return validated?.ok === false ? validated : succeed({ object, warnings: [] });
}

function subresourceOf(part: WrittenPart): string | undefined {
  return part === "main" ? undefined : part;
}

/** A CustomResourceDefinition's status follows its spec at once; admission writes it. */
function isSelfStated(storage: string): boolean {
  return storage === "customresourcedefinitions.apiextensions.k8s.io";
}

function withRequestName(body: unknown, target: NamedTarget): Result<unknown> {
  const sentName = at(body, "metadata", "name");
  if (sentName !== undefined && sentName !== "" && sentName !== target.name) {
    const message = `the name of the object (${JSON.stringify(sentName)}) does not match the name on the URL (${target.name})`;
    return fail({ code: 400, reason: "BadRequest", message });
  }
  if (!isFields(body)) return succeed(body);
  const metadata = isFields(body["metadata"]) ? body["metadata"] : {};
  return succeed({ ...body, metadata: { ...metadata, name: target.name } });
}

/** Why the sent object must not replace the stored one. */
function staleness(sent: KubeObject, before: KubeObject): string | undefined {
  const { uid, resourceVersion } = sent.metadata;
  if (uid !== undefined && uid !== "" && uid !== before.metadata.uid) {
    return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid ?? ""}`;
  }
  const isVersioned = resourceVersion !== undefined && resourceVersion !== "";
  return isVersioned && resourceVersion !== before.metadata.resourceVersion ? CHANGED_MEANWHILE : undefined;
}
