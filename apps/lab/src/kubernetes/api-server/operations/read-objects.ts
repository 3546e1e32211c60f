import {
  badRequest,
  fail,
  listOf,
  matchesFields,
  matchesLabels,
  notFound,
  parseFieldSelector,
  parseLabelSelector,
  succeed,
  type ApiFailure,
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
  /** Which state is wanted; absent: the latest. */
  readonly version?: WantedVersion | undefined;
}

/** `exact` is that very state; anything not older is the latest, which is what this server has at hand. */
export interface WantedVersion {
  readonly version: number;
  readonly match: "exact" | "not-older-than";
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

/** What is asked of a state that nobody has seen yet: it comes from another life of this server. */
export function fromTheFuture(cluster: Cluster, version: number): ApiFailure | undefined {
  if (version <= cluster.store.version) return undefined;
  const message = `Timeout: Too large resource version: ${version}, current: ${cluster.store.version}`;
  const cause = { reason: "ResourceVersionTooLarge", message: "Too large resource version" };
  return { code: 504, reason: "Timeout", message, details: { causes: [cause], retryAfterSeconds: 1 } };
}

/** One page of a list. The pages of one list show one state, that of its first page, as long as the changes since are known. */
export function listObjects(cluster: Cluster, target: Target, selection: Selection, page: Page = {}): Result<Listed> {
  const matches = matcherOf(target, selection);
  if (!matches.ok) return matches;
  const place = placeOf(page);
  if (!place.ok) return place;
  const early = fromTheFuture(cluster, page.version?.version ?? 0);
  if (early !== undefined) return fail(early);
  const asked = place.value?.version ?? (page.version?.match === "exact" ? page.version.version : undefined);
  const all = stateAt(cluster, target, asked);
  if (!all.ok) return place.value === undefined ? all : fail(expiredToken(cluster, all.failure, place.value.after));
  const version = asked ?? cluster.store.version;
  const found = all.value.filter(matches.value);
  const rest = found.filter((object) => isAfter(object, place.value?.after));
  const cut = cutPage(rest, page.limit, version);
  const items = cut.items.map((object) => present(target.definition, object));
  const isNarrowed = [selection.labelSelector, selection.fieldSelector].some((selector) => (selector ?? "") !== "");
  // How many are left is only told of whole collections, as upstream does.
  const left = isNarrowed || cut.continueToken === undefined ? {} : { remainingItemCount: rest.length - items.length };
  return succeed({ ...cut, items, resourceVersion: String(version), ...left });
}

function cutPage(
  rest: readonly KubeObject[],
  limit: number | undefined,
  version: number,
): { readonly items: readonly KubeObject[]; readonly continueToken?: string } {
  if (limit === undefined || limit <= 0 || rest.length <= limit) return { items: rest };
  const items = rest.slice(0, limit);
  const last = items.at(-1)?.metadata;
  return { items, continueToken: writeToken({ version, after: [last?.namespace ?? "", last?.name ?? ""] }) };
}

function stateAt(cluster: Cluster, { definition, namespace }: Target, version: number | undefined): Result<readonly KubeObject[]> {
  if (version === undefined) return succeed(cluster.store.list(definition.storage, namespace));
  return cluster.store.listAt(definition.storage, version, namespace);
}

function placeOf({ continueToken = "" }: Page): Result<Place | undefined> {
  if (continueToken === "") return succeed(undefined);
  const place = readToken(continueToken);
  return place === undefined ? fail(badRequest("continue key is not valid: it was not given out by this server")) : succeed(place);
}

/** Refused with a token that goes on from the same place in whatever there is then. */
function expiredToken(cluster: Cluster, failure: ApiFailure, after: Place["after"]): ApiFailure {
  return {
    ...failure,
    message:
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    metadata: { continue: writeToken({ version: cluster.store.version, after }) },
  };
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

/** Where a page begins: in the state of that version, after that object. */
interface Place {
  readonly version: number;
  readonly after: readonly [namespace: string, name: string];
}

function isAfter(object: KubeObject, place: Place["after"] | undefined): boolean {
  if (place === undefined) return true;
  const [namespace, name] = place;
  const own = object.metadata.namespace ?? "";
  return own === namespace ? object.metadata.name > name : own > namespace;
}

function writeToken({ version, after }: Place): string {
  return Buffer.from(JSON.stringify([version, ...after])).toString("base64url");
}

function readToken(token: string): Place | undefined {
  try {
    const [version, namespace, name, ...more] = listOf(JSON.parse(Buffer.from(token, "base64url").toString()));
    const isOne = Number.isSafeInteger(version) && typeof namespace === "string" && typeof name === "string" && more.length === 0;
    return isOne ? { version: Number(version), after: [namespace, name] } : undefined;
  } catch {
    return undefined;
  }
}
