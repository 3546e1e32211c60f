import { refuse } from "../result.ts";
import type { Account, Tags } from "./account.ts";
import { checkTags, withTags, withoutTags } from "./check-input.ts";
import { edited, type Edit } from "./edit.ts";

/** Whatever of an account carries tags: the list it is in, and how it is named. */
export type TaggedKind = "roles" | "users" | "instanceProfiles" | "policies" | "oidcProviders";

/** A tagged thing by its ARN. */
export interface TaggedThing {
  readonly kind: TaggedKind;
  readonly arn: string;
}

export function addTags(account: Account, thing: TaggedThing, tags: readonly (readonly [string, string])[]): Edit<Tags> {
  const present = tagsOf(account, thing);
  if (present === undefined) return missing(thing);
  const wrong = checkTags(tags, present);
  return wrong === undefined ? withNewTags(account, thing, withTags(present, tags)) : { ok: false, error: wrong };
}

export function removeTags(account: Account, thing: TaggedThing, keys: readonly string[]): Edit<Tags> {
  const present = tagsOf(account, thing);
  return present === undefined ? missing(thing) : withNewTags(account, thing, withoutTags(present, keys));
}

export function tagsOf(account: Account, { kind, arn }: TaggedThing): Tags | undefined {
  const list: ReadonlyArray<{ readonly arn: string; readonly tags: Tags }> = account[kind];
  return list.find((item) => item.arn === arn)?.tags;
}

function withNewTags(account: Account, { kind, arn }: TaggedThing, tags: Tags): Edit<Tags> {
  const list: ReadonlyArray<{ readonly arn: string }> = account[kind];
  const after = list.map((item) => (item.arn === arn ? { ...item, tags } : item));
  return edited({ ...account, [kind]: after }, tags);
}

function missing({ arn }: TaggedThing): ReturnType<typeof refuse> {
  return refuse("NoSuchEntity", `${arn} cannot be found.`);
}
