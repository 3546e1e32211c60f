import {
  at,
  fail,
  isFields,
  labelSelectorOf,
  notFound,
  numberOf,
  succeed,
  textOf,
  withAt,
  type KubeObject,
  type Result,
} from "@slash28/kube-store";

import type { ScalePaths } from "../resources/resource-definition.ts";
import { present, type Cluster, type NamedTarget, type Written, type WriteOptions } from "./cluster.ts";
import { updateObject } from "./change-object.ts";
import { patchBody, type Patch } from "./patch-body.ts";
import { SCALE_DEFINITION } from "./scale-definition.ts";

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

function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const number = (path: string): number => numberOf(at(object, ...path.split("."))) ?? 0;
  const selector = paths.selector === undefined ? undefined : at(object, ...paths.selector.split("."));
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: number(paths.replicas) },
    status: { replicas: number(paths.statusReplicas), ...(selector === undefined ? {} : { selector: selectorText(selector) }) },
  };
}

/** A selector in its query form: `app=web,tier in (a,b)`. */
export function selectorText(selector: unknown): string {
  if (typeof selector === "string") return selector;
  if (!isFields(selector)) return "";
  const demands = labelSelectorOf("matchLabels" in selector || "matchExpressions" in selector ? selector : { matchLabels: selector }) ?? [];
  return demands
    .map(({ key, operator, values }) => {
      if (operator === "exists") return key;
      if (operator === "absent") return `!${key}`;
      if (operator === "in" && values.length === 1) return `${key}=${values[0] ?? ""}`;
      return `${key} ${operator === "in" ? "in" : "notin"} (${values.join(",")})`;
    })
    .join(",");
}
