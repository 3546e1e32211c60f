import { asId, parseCidr4, parseIpv4, type Cidr4, type Id, type Ipv4 } from "@slash28/address";
import { z } from "zod";
import type { Snapshot, SnapshotPart } from "./snapshot.ts";

/** One thing of a part; a part that is a single thing is itself. */
export type ItemOf<P extends SnapshotPart> = NonNullable<Snapshot[P]> extends readonly (infer Item)[] ? Item : NonNullable<Snapshot[P]>;

/** How one item of a document becomes one item of the snapshot. */
export interface ItemReader {
  readonly part: SnapshotPart;
  readonly schema: z.ZodType;
}

/** Ties a schema to the part it fills, so that the two cannot differ. */
export function reads<P extends SnapshotPart>(part: P, schema: z.ZodType<ItemOf<P>>): ItemReader {
  return { part, schema };
}

/** A field that may be missing or `null`, both of which the APIs write. */
export function maybe<T extends z.ZodType>(schema: T): z.ZodType<z.output<T> | undefined> {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** A list that may be missing. */
export function listOf<T extends z.ZodType>(schema: T): z.ZodType<readonly z.output<T>[]> {
  return z
    .array(schema)
    .nullish()
    .transform((items) => items ?? []);
}

export const text: z.ZodType<string> = z.string();
export const texts: z.ZodType<Readonly<Record<string, string>>> = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});
/** Kubernetes writes quantities of things as text, other APIs as numbers. */
export const count: z.ZodType<number> = z.union([z.int().min(0), z.string().regex(/^\d{1,9}$/, "is no whole number")]).transform(Number);

export function id<T extends Id<string>>(): z.ZodType<T> {
  return z
    .string()
    .min(1)
    .transform((value) => asId<T>(value));
}

export const address4: z.ZodType<Ipv4> = z.string().transform((value, context) => {
  const address = parseIpv4(value);
  if (address !== undefined) return address;
  context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is no IPv4 address` });
  return z.NEVER;
});

export const range4: z.ZodType<Cidr4> = z.string().transform((value, context) => {
  const range = parseCidr4(value);
  if (range !== undefined) return range;
  context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is no IPv4 range` });
  return z.NEVER;
});

/** AWS's tags, `[{Key, Value}]`, as a map. */
export const tagList: z.ZodType<Readonly<Record<string, string>>> = z
  .array(z.object({ Key: z.string(), Value: z.string().optional() }))
  .nullish()
  .transform((tags) => Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value ?? ""])));
