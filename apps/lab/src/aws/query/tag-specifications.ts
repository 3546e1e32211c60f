import { tagsFrom, type ResourceType, type Tags } from "@slash28/vpc";
import { answer } from "../action.ts";
import { invalidValue } from "../aws-error.ts";

/** A tag as the SDK's types have it. */
export interface WireTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export interface TagSpecification {
  readonly ResourceType?: string | undefined;
  readonly Tags?: readonly WireTag[] | undefined;
}

/** The tags a request puts on the one kind of resource it makes. */
export function tagsFor(type: ResourceType, specifications: readonly TagSpecification[] | undefined): Tags {
  return tagsByType([type], specifications)[type] ?? {};
}

/** The tags a request puts on each kind of resource it makes; any other kind is refused. */
export function tagsByType(
  types: readonly ResourceType[],
  specifications: readonly TagSpecification[] | undefined,
): Partial<Readonly<Record<ResourceType, Tags>>> {
  const found: Partial<Record<ResourceType, WireTag[]>> = {};
  for (const { ResourceType: name = "", Tags: tags = [] } of specifications ?? []) {
    const type = types.find((candidate) => candidate === name);
    if (type === undefined) throw invalidValue(`'${name}' is not a valid taggable resource type for this operation.`);
    found[type] = [...(found[type] ?? []), ...tags];
  }
  return Object.fromEntries(Object.entries(found).map(([type, tags]) => [type, tagRecord(tags)]));
}

export function tagRecord(tags: readonly WireTag[]): Tags {
  return answer(tagsFrom(tags.map(({ Key: key = "", Value: value = "" }) => ({ key, value }))));
}

/** A resource's tags as replies list them. */
export function tagSet(tags: Tags): Array<{ Key: string; Value: string }> {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
