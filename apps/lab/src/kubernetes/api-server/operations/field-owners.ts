import {
  readOwners,
  trackUpdate,
  withField,
  writeOwners,
  type Fields,
  type KubeObject,
  type Owners,
  type Writer,
  type WrittenPart,
} from "@slash28/kube-store";

import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { SERVER_CLIENT } from "../authentication/well-known-identities.ts";
import { timeText } from "../time-text.ts";
import { mergeTypeOf } from "../types/merge-types.ts";
import type { Cluster, WriteOptions } from "./cluster.ts";

export interface FieldWrite {
  readonly definition: ResourceDefinition;
  readonly part: WrittenPart;
  /** `subresource`: the one that fields of the object itself are written through, such as `scale`. */
  readonly options: WriteOptions & { readonly subresource?: string };
}

/** How this write is named among the owners of fields. */
export function writerOf(cluster: Cluster, { definition, part, options }: FieldWrite, operation: Writer["operation"]): Writer {
  return {
    name: options.fieldManager ?? SERVER_CLIENT,
    operation,
    apiVersion: apiVersionOf(definition),
    subresource: part === "status" ? "status" : (options.subresource ?? ""),
    time: timeText(cluster.now()),
  };
}

/** Which fields a write of this part can own: a status is written through its subresource only, where there is one. */
export function ownableBy({ definition, part }: Pick<FieldWrite, "definition" | "part">): "all" | "without-status" | "only-status" {
  if (part === "status") return "only-status";
  return definition.subresources.includes("status") ? "without-status" : "all";
}

/** The object with `metadata.managedFields` as they are after this write. An apply has worked its owners out already. */
export function withOwners(
  cluster: Cluster,
  write: FieldWrite,
  before: KubeObject | undefined,
  after: KubeObject,
  sent?: unknown,
): KubeObject {
  const { definition, options } = write;
  if (options.owners !== undefined) return stamped(after, options.owners);
  const isReset = Array.isArray(sent) && (sent.length === 0 || (sent.length === 1 && isBlank(sent[0])));
  if (isReset) return stamped(after, new Map());
  const kept = before?.metadata["managedFields"];
  const known = readOwners(sent ?? kept);
  const owners = known.size === 0 ? readOwners(kept) : known;
  // Owners that were thrown away once are not counted again by ordinary writes (upstream's skipNonApplied).
  if (before !== undefined && owners.size === 0) return stamped(after, owners);
  const blank: Fields = { apiVersion: after.apiVersion, kind: after.kind, metadata: {} };
  const next = trackUpdate({
    before: before === undefined ? blank : bare(before),
    after: bare(after),
    owners,
    writer: writerOf(cluster, write, "Update"),
    type: mergeTypeOf(definition),
    ownable: ownableBy(write),
  });
  if (next === owners && (sent === undefined || sent === kept)) return stampedAs(after, kept);
  return stamped(after, next);
}

function isBlank(entry: unknown): boolean {
  return typeof entry === "object" && entry !== null && Object.keys(entry).length === 0;
}

function bare(object: KubeObject): Fields {
  return object.metadata["managedFields"] === undefined ? object : stampedAs(object, undefined);
}

function stamped(object: KubeObject, owners: Owners): KubeObject {
  return stampedAs(object, writeOwners(owners));
}

export function stampedAs(object: KubeObject, managedFields: unknown): KubeObject {
  return withField(object, "metadata", withField(object.metadata, "managedFields", managedFields));
}
