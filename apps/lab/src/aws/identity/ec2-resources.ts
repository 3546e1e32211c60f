import type { Cloud, Tags } from "@slash28/vpc";
import { asId, type EniId, type InstanceId, type SecurityGroupId, type SubnetId, type VpcId } from "@slash28/address";

/** One resource an attempt bears on: its ARN, and its tags when it is there already. */
export interface Resource {
  readonly arn: string;
  readonly tags: () => Tags | undefined;
}

const NO_TAGS = (): undefined => undefined;

/** Resource types by the prefix of their ids (Service Authorization Reference, "Amazon EC2"). */
const TYPE_OF_PREFIX: Readonly<Record<string, string>> = {
  acl: "network-acl",
  ami: "image",
  eigw: "egress-only-internet-gateway",
  eipalloc: "elastic-ip",
  eni: "network-interface",
  i: "instance",
  igw: "internet-gateway",
  lt: "launch-template",
  nat: "natgateway",
  pl: "prefix-list",
  rtb: "route-table",
  scr: "subnet-cidr-reservation",
  sg: "security-group",
  sgr: "security-group-rule",
  snap: "snapshot",
  subnet: "subnet",
  vol: "volume",
  vpc: "vpc",
  vpce: "vpc-endpoint",
};

/** What an action makes: a policy may speak of it before it has an id. */
const MADE_BY: Readonly<Record<string, readonly string[]>> = {
  AllocateAddress: ["elastic-ip"],
  CreateEgressOnlyInternetGateway: ["egress-only-internet-gateway"],
  CreateInternetGateway: ["internet-gateway"],
  CreateLaunchTemplate: ["launch-template"],
  CreateNatGateway: ["natgateway"],
  CreateNetworkAcl: ["network-acl"],
  CreateNetworkInterface: ["network-interface"],
  CreateRouteTable: ["route-table"],
  CreateSecurityGroup: ["security-group"],
  CreateSubnet: ["subnet"],
  CreateSubnetCidrReservation: ["subnet-cidr-reservation"],
  CreateVpc: ["vpc"],
  CreateVpcEndpoint: ["vpc-endpoint"],
  DetachNetworkInterface: ["network-interface"],
  RunInstances: ["instance", "network-interface", "volume"],
};

const ID = /^([a-z]+)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
/** Members that hold text of the caller's own, which may look like ids and names none. */
const FREE_TEXT = new Set(["ClientToken", "Description", "Filters", "Tags", "TagSpecifications", "UserData"]);
/** No implemented input nests deeper. */
const DEPTH_MAX = 5;

/** The resources an EC2 action bears on. Descriptions bear on none of their own: `*`. */
export function ec2Resources(cloud: Cloud, action: string, input: Readonly<Record<string, unknown>>): readonly Resource[] {
  if (/^(?:Describe|Get)/.test(action)) return [{ arn: "*", tags: NO_TAGS }];
  const ids = new Set<string>();
  collectIds(input, ids, 0);
  const arn = (type: string, id: string): string =>
    type === "image" || type === "snapshot"
      ? `arn:aws:ec2:${cloud.region}::${type}/${id}`
      : `arn:aws:ec2:${cloud.region}:${cloud.accountId}:${type}/${id}`;
  const existing = [...ids].map((id): Resource => {
    const type = TYPE_OF_PREFIX[ID.exec(id)?.[1] ?? ""] ?? "";
    return { arn: arn(type, id), tags: () => tagsOf(cloud, type, id) };
  });
  const made = (MADE_BY[action] ?? []).map((type): Resource => ({ arn: arn(type, "*"), tags: NO_TAGS }));
  const all = [...existing, ...made];
  return all.length === 0 ? [{ arn: "*", tags: NO_TAGS }] : all;
}

function collectIds(value: unknown, ids: Set<string>, depth: number): void {
  if (typeof value === "string") {
    const prefix = value.length <= 40 ? ID.exec(value)?.[1] : undefined;
    if (prefix !== undefined && Object.hasOwn(TYPE_OF_PREFIX, prefix)) ids.add(value);
  } else if (typeof value === "object" && value !== null && depth < DEPTH_MAX && !(value instanceof Uint8Array)) {
    for (const [member, inner] of Object.entries(value)) if (!FREE_TEXT.has(member)) collectIds(inner, ids, depth + 1);
  }
}

function tagsOf({ view }: Cloud, type: string, id: string): Tags | undefined {
  switch (type) {
    case "network-interface":
      return view.eni(asId<EniId>(id))?.tags;
    case "subnet":
      return view.subnet(asId<SubnetId>(id))?.tags;
    case "instance":
      return view.instance(asId<InstanceId>(id))?.tags;
    case "security-group":
      return view.securityGroup(asId<SecurityGroupId>(id))?.tags;
    case "vpc":
      return view.vpc(asId<VpcId>(id))?.tags;
    default:
      return undefined;
  }
}
