import { at, fail, notFound, numberOf, succeed, textOf, withAt, type KubeObject, type Result } from "@slash28/kube-store";

import { present, type Cluster, type NamedTarget, type Written, type WriteOptions } from "./cluster.ts";
import { updateObject } from "./change-object.ts";
import { patchBody, type Patch } from "./patch-body.ts";
import { SCALE_DEFINITION } from "./scale-definition.ts";
import { scaleOf } from "./scale-view.ts";

/** How many replicas an object has and wants, as `autoscaling/v1` Scale. */
export function getScale(cluster: Cluster, target: NamedTarget): Result<KubeObject> {
  const stored = cluster.store.get(target.definition.storage, { name: target.name, namespace: target.namespace });
  const paths = target.definition.scalePaths;
  if (stored === undefined || paths === undefined) return fail(notFound(target.definition.storage, target.name));
  return succeed(scaleOf(present(target.definition, stored), paths));
}

/** Sets the wanted replicas from a Scale object or a patch of one. */
export function writeScale(
  cluster: Cluster,
  target: NamedTarget,
  change: unknown,
  options: WriteOptions & { readonly patch?: Patch },
): Result<Written> {
  const scale = getScale(cluster, target);
  if (!scale.ok) return scale;
  const paths = target.definition.scalePaths;
  const stored = cluster.store.get(target.definition.storage, { name: target.name, namespace: target.namespace });
  if (paths === undefined || stored === undefined) return fail(notFound(target.definition.storage, target.name));
  const sent = options.patch === undefined ? succeed(change) : patchBody(scale.value, options.patch, SCALE_DEFINITION);
  if (!sent.ok) return sent;
  const replicas = numberOf(at(sent.value, "spec", "replicas")) ?? 0;
  const version = textOf(at(sent.value, "metadata", "resourceVersion"));
  const shown = present(target.definition, stored);
  const metadata = version === undefined ? shown.metadata : { ...shown.metadata, resourceVersion: version };
  const body = withAt({ ...shown, metadata }, paths.replicas.split("."), replicas);
  const written = updateObject(cluster, target, body, { ...options, subresource: "scale" });
  return written.ok ? asScale(target, written.value) : written;
}

/** A written object as the Scale that it is shown as. */
export function asScale({ definition, name }: NamedTarget, { object, warnings }: Written): Result<Written> {
  const paths = definition.scalePaths;
  return paths === undefined ? fail(notFound(definition.storage, name)) : succeed({ object: scaleOf(object, paths), warnings });
}
