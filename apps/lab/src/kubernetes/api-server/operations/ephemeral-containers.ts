import { at, fail, notFound, succeed, textOf, withAt, type Result } from "@slash28/kube-store";

import { updateObject } from "./change-object.ts";
import { present, type Cluster, type NamedTarget, type Written, type WriteOptions } from "./cluster.ts";
import { patchBody, type Patch } from "./patch-body.ts";

/** Adds containers to a pod that runs, as `kubectl debug` does: of what was sent or patched only they count. */
export function writeEphemeralContainers(
  cluster: Cluster,
  target: NamedTarget,
  change: { readonly body: unknown } | { readonly patch: Patch },
  options: WriteOptions,
): Result<Written> {
  const { definition, name, namespace } = target;
  const stored = cluster.store.get(definition.storage, { name, namespace });
  if (stored === undefined) return fail(notFound(definition.storage, name));
  const shown = present(definition, stored);
  const sent = "patch" in change ? patchBody(shown, change.patch, definition) : succeed(change.body);
  if (!sent.ok) return sent;
  const { resourceVersion: _version, ...kept } = shown.metadata;
  const version = textOf(at(sent.value, "metadata", "resourceVersion"));
  const metadata = { ...kept, ...(version === undefined ? {} : { resourceVersion: version }) };
  const body = withAt({ ...shown, metadata }, ["spec", "ephemeralContainers"], at(sent.value, "spec", "ephemeralContainers"));
  return updateObject(cluster, target, body, { ...options, subresource: "ephemeralcontainers" });
}
