import {
  badRequest,
  fail,
  matchesFields,
  matchesLabels,
  notFound,
  parseFieldSelector,
  parseLabelSelector,
  succeed,
  type KubeObject,
  type Result,
  type Watch,
} from "@slash28/kube-store";

import { present, type Cluster, type NamedTarget, type Target } from "./cluster.ts";

export interface Selection {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface Page {
  /** Absent: everything at once. */
  readonly limit?: number | undefined;
  readonly continueToken?: string | undefined;
}

export interface Listed {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly continueToken?: string;
  readonly remainingItemCount?: number;
}

export function getObject(cluster: Cluster, target: NamedTarget): Result<KubeObject> {
  const { definition, name, namespace } = target;
  const stored = cluster.store.get(definition.storage, { name, namespace });
  return stored === undefined ? fail(notFound(definition.storage, name)) : succeed(present(definition, stored));
}

export function listObjects(cluster: Cluster, target: Target, selection: Selection, page: Page = {}): Result<Listed> {
  const matches = matcherOf(target, selection);
  if (!matches.ok) return matches;
  const found = cluster.store.list(target.definition.storage, target.namespace).filter(matches.value);
  const resourceVersion = String(cluster.store.version);
  const shown = (objects: readonly KubeObject[]): readonly KubeObject[] => objects.map((object) => present(target.definition, object));
  let rest = found;
  if (page.continueToken !== undefined && page.continueToken !== "") {
    const after = readToken(page.continueToken);
    if (after === undefined) return fail(badRequest("continue key is not valid: it was not given out by this server"));
    rest = found.filter((object) => isAfter(object, after));
  }
  if (page.limit === undefined || page.limit <= 0 || rest.length <= page.limit) return succeed({ items: shown(rest), resourceVersion });
  const items = rest.slice(0, page.limit);
  const last = items.at(-1);
  const token = last === undefined ? "" : writeToken([last.metadata.namespace ?? "", last.metadata.name]);
  return succeed({ items: shown(items), resourceVersion, continueToken: token, remainingItemCount: rest.length - items.length });
}

/** A watch over what the selection shows; `after` as in {@link Store.watch}. Events carry stored objects: {@link present} them. */
export function watchObjects(cluster: Cluster, target: Target, selection: Selection, after: number | undefined): Result<Watch> {
  const matches = matcherOf(target, selection);
  if (!matches.ok) return matches;
  return cluster.store.watch(target.definition.storage, { after, namespace: target.namespace, matches: matches.value });
}

function matcherOf(target: Target, selection: Selection): Result<(object: KubeObject) => boolean> {
  const { definition } = target;
  const labels = parseLabelSelector(selection.labelSelector ?? "");
  if (!labels.ok) return labels;
  const fields = parseFieldSelector(selection.fieldSelector ?? "", definition.storage);
  if (!fields.ok) return fields;
  return succeed((object) => matchesLabels(labels.value, object.metadata.labels) && matchesFields(fields.value, object));
}

type PagePlace = readonly [namespace: string, name: string];

function isAfter(object: KubeObject, [namespace, name]: PagePlace): boolean {
  const own = object.metadata.namespace ?? "";
  return own === namespace ? object.metadata.name > name : own > namespace;
}

function writeToken(place: PagePlace): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function readToken(token: string): PagePlace | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return Array.isArray(place) && typeof place[0] === "string" && typeof place[1] === "string" ? [place[0], place[1]] : undefined;
  } catch {
    return undefined;
  }
}
