import { contextOf, type ContextKeys } from "@slash28/iam";

interface WireTag {
  readonly Key?: string;
  readonly Value?: string;
}

/** The tags a request passes, in whichever form its service has: a list of pairs, a record, or lists per kind of resource. */
export function requestTags(input: Readonly<Record<string, unknown>>): ReadonlyArray<readonly [string, string]> {
  const specifications = input["TagSpecifications"];
  const lists: readonly unknown[] = [
    input["Tags"] ?? input["tags"],
    ...(Array.isArray(specifications) ? specifications.map((one: { readonly Tags?: unknown }) => one.Tags) : []),
  ];
  return lists.flatMap(pairs);
}

/** Which kinds of resource a request tags as it makes them: EC2 then also asks for `ec2:CreateTags` on those. */
export function taggedKinds(input: Readonly<Record<string, unknown>>): readonly string[] {
  const specifications = input["TagSpecifications"];
  if (!Array.isArray(specifications)) return [];
  return specifications.flatMap(({ ResourceType, Tags }: { readonly ResourceType?: string; readonly Tags?: readonly WireTag[] }) =>
    ResourceType === undefined || Tags === undefined || Tags.length === 0 ? [] : [ResourceType],
  );
}

export function tagKeys(tags: ReadonlyArray<readonly [string, string]>): ContextKeys {
  return contextOf([
    ...tags.map(([key, value]) => [`aws:RequestTag/${key}`, value] as const),
    ...(tags.length === 0 ? [] : [["aws:TagKeys", tags.map(([key]) => key)] as const]),
  ]);
}

function pairs(list: unknown): ReadonlyArray<readonly [string, string]> {
  if (Array.isArray(list)) {
    return list.flatMap(({ Key, Value }: WireTag) => (typeof Key === "string" ? [[Key, Value ?? ""] as const] : []));
  }
  if (typeof list !== "object" || list === null) return [];
  return Object.entries(list).flatMap(([key, value]) => (typeof value === "string" ? [[key, value] as const] : []));
}
