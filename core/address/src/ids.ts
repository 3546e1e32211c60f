declare const idKind: unique symbol;

/** A resource id of one kind; ids of different kinds do not mix. */
export type Id<Kind extends string> = string & { readonly [idKind]: Kind };

export type VpcId = Id<"vpc">;
export type SubnetId = Id<"subnet">;
export type EniId = Id<"eni">;
export type AttachmentId = Id<"eni-attach">;
export type InstanceId = Id<"i">;
export type SecurityGroupId = Id<"sg">;

/** Names a string as an id, where it enters the program: a reply of EC2, a file that passed its schema, a literal in a test. */
export function asId<T extends Id<string>>(text: string): T {
  return text as T;
}
