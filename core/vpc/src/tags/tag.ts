/** A resource's tags by key. */
export type Tags = Readonly<Record<string, string>>;

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** EC2's names of the kinds of resource the model holds. */
export type ResourceType =
  | "egress-only-internet-gateway"
  | "elastic-ip"
  | "natgateway"
  | "instance"
  | "internet-gateway"
  | "launch-template"
  | "network-interface"
  | "route-table"
  | "security-group"
  | "security-group-rule"
  | "subnet"
  | "subnet-cidr-reservation"
  | "vpc";

/** One tag of one resource, as DescribeTags lists them. */
export interface ResourceTag extends Tag {
  readonly resourceId: string;
  readonly resourceType: ResourceType;
}

export interface CreateTagsInput {
  readonly resourceIds: readonly string[];
  readonly tags: Tags;
}

export interface DeleteTagsInput {
  readonly resourceIds: readonly string[];
  /** Keys to take off; with a value, only where it has this value. Absent: every tag of the caller's, as in EC2. */
  readonly tags?: readonly { readonly key: string; readonly value?: string }[];
}
