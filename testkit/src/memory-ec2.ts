import { type AttachmentId, type EniId, type InstanceId } from "@slash28/address";
import { limitsOf } from "@slash28/limits";
import {
  awsFaultCode,
  Fault,
  type Clock,
  type Ec2,
  type Ec2Eni,
  type Ec2InstanceType,
  type Ec2Subnet,
  type Metadata,
  type MetadataEni,
} from "@slash28/ports";
import type { Cloud, Ec2Result, Eni, Subnet } from "@slash28/vpc";

/** EC2 as a node calls it, answered by the model of a VPC in this process. */
export interface MemoryEc2 extends Ec2 {
  /** Names of the calls so far, oldest first. */
  readonly calls: string[];
  /** Every call first asks this: a fault is raised instead of the call; the promise is awaited. */
  before: (api: keyof Ec2) => Fault | undefined | Promise<void>;
}

export function createMemoryEc2(cloud: Cloud, clock: Pick<Clock, "now">): MemoryEc2 {
  const now = () => ({ now: clock.now() });
  const calls: string[] = [];
  const call = async <T>(api: keyof Ec2, work: () => T): Promise<T> => {
    calls.push(api);
    const fault = await memory.before(api);
    if (fault !== undefined) throw fault;
    return work();
  };
  const demand = <T>(api: string, result: Ec2Result<T>, isPrefixes = false): T => {
    if (result.ok) return result.value;
    const { code, message } = result.error;
    throw new Fault(awsFaultCode({ api, code, message, isForPrefixes: isPrefixes }), { api, code, detail: message });
  };
  const memory: MemoryEc2 = {
    calls,
    before: () => undefined,
    describeAttachedEnis: (instanceId) => call("describeAttachedEnis", () => cloud.view.attachedEnis(instanceId).map(asEc2Eni)),
    describeEnis: (ids) =>
      call("describeEnis", () =>
        cloud.view
          .enis()
          .filter((eni) => ids.includes(eni.id))
          .map(asEc2Eni),
      ),
    describeFreeEnis: (vpcId, tags) =>
      call("describeFreeEnis", () =>
        cloud.view
          .enis()
          .filter((eni) => eni.vpcId === vpcId && eni.status === "available")
          .map(asEc2Eni)
          .filter((eni) => Object.entries(tags).every(([key, value]) => (value === "" ? key in eni.tags : eni.tags[key] === value))),
      ),
    describeSubnets: (vpcId, zone) =>
      call("describeSubnets", () =>
        demand("DescribeSubnets", cloud.describeSubnets({}, now()))
          .filter((subnet) => subnet.vpcId === vpcId && subnet.zone === zone)
          .map(asEc2Subnet),
      ),
    describeInstanceType: (type) => call("describeInstanceType", () => instanceType(type)),
    createEni: ({ subnetId, groups, description, tags, carry, connectionTracking, clientToken }) =>
      call("createEni", () => {
        const ask = carry.kind === "prefixes" ? { prefixCount: carry.count } : { addressCount: carry.count };
        const tracking = connectionTracking === undefined ? {} : { connectionTracking };
        const input = { subnetId, groups, description, tags, clientToken, ...tracking, ...(carry.count > 0 ? { carry: ask } : {}) };
        return asEc2Eni(demand("CreateNetworkInterface", cloud.createEni(input, now()), carry.kind === "prefixes"));
      }),
    attachEni: (eniId, instanceId, deviceIndex, networkCard) =>
      call("attachEni", () => demand("AttachNetworkInterface", cloud.attachEni({ eniId, instanceId, deviceIndex, networkCard }, now())).id),
    deleteOnTermination: (eniId, attachmentId) =>
      call("deleteOnTermination", () => void modify(eniId, { attribute: "delete-on-termination", attachmentId, value: true })),
    detachEni: (attachmentId) => call("detachEni", () => void demand("DetachNetworkInterface", cloud.detachEni({ attachmentId }, now()))),
    deleteEni: (eniId) => call("deleteEni", () => deleteEni(eniId)),
    assignAddresses: (eniId, count) =>
      call("assignAddresses", () => demand("Assign", cloud.assignAddresses({ eniId, carry: { addressCount: count } }, now())).addresses),
    assignPrefixes: (eniId, count) =>
      call("assignPrefixes", () => demand("Assign", cloud.assignAddresses({ eniId, carry: { prefixCount: count } }, now())).prefixes),
    unassign: (eniId, { addresses, prefixes }) =>
      call("unassign", () => {
        if (prefixes.length > 0) demand("Unassign", cloud.unassignAddresses({ eniId, prefixes }, now()));
        if (addresses.length > 0) demand("Unassign", cloud.unassignAddresses({ eniId, addresses }, now()));
      }),
    setGroups: (eniId, groups) => call("setGroups", () => void modify(eniId, { attribute: "groups", value: groups })),
    tag: (id, tags) => call("tag", () => demand("CreateTags", cloud.createTags({ resourceIds: [id], tags: tags }, now()))),
  };
  const modify = (eniId: EniId, change: Parameters<Cloud["modifyEni"]>[0]["change"]): Eni =>
    demand("ModifyNetworkInterfaceAttribute", cloud.modifyEni({ eniId, change }, now()));
  const instanceType = (type: string): Ec2InstanceType => {
    const limits = limitsOf(type);
    if (limits === undefined) throw new Fault("EC2_FAILED", { api: "DescribeInstanceTypes", code: "InvalidInstanceType", detail: type });
    const { hypervisor, bareMetal, ipv4PerEni, networkCards, defaultNetworkCard } = limits;
    return { type, hypervisor, bareMetal, ipv4PerEni, networkCards, defaultNetworkCard };
  };
  const deleteEni = (eniId: EniId): void => {
    const result = cloud.deleteEni({ eniId }, now());
    if (!result.ok && result.error.code !== "InvalidNetworkInterfaceID.NotFound") demand("DeleteNetworkInterface", result);
  };
  return memory;
}

/** The metadata service of one instance of the model, without any lag. */
export function createMemoryMetadata(cloud: Cloud, instanceId: InstanceId): Metadata {
  const instance = () => must(cloud.view.instance(instanceId), instanceId);
  const vpcCidrs = () => must(cloud.view.vpc(instance().vpcId), "vpc").cidrs.map((each) => each.cidr);
  return {
    identity: async () => {
      const primary = must(cloud.view.attachedEnis(instanceId)[0], "primary ENI");
      const { type: instanceType, zone, vpcId } = instance();
      return {
        instanceId,
        instanceType,
        zone,
        vpcId,
        region: cloud.region,
        vpcCidrs: vpcCidrs(),
        groups: primary.groups,
        primaryEni: primary.id,
        primaryMac: primary.mac,
        primaryAddress: primary.primaryAddress,
        subnetId: primary.subnetId,
      };
    },
    enis: async () => cloud.view.attachedEnis(instanceId).flatMap((eni) => metadataEni(cloud, eni)),
    vpcCidrs: async () => vpcCidrs(),
  };
}

function metadataEni(cloud: Cloud, eni: Eni): readonly MetadataEni[] {
  const { id, mac, subnetId, primaryAddress, prefixes, attachment } = eni;
  if (attachment === undefined) return [];
  const { deviceIndex, networkCard } = attachment;
  const subnetCidr = must(cloud.view.subnet(subnetId), subnetId).cidr;
  return [{ id, mac, deviceIndex, networkCard, subnetId, subnetCidr, primaryAddress, addresses: eni.secondaryAddresses, prefixes }];
}

function asEc2Eni(eni: Eni): Ec2Eni {
  const { id, mac, subnetId, vpcId, description, status, primaryAddress, prefixes, groups, attachment } = eni;
  return {
    id,
    mac,
    subnetId,
    vpcId,
    description,
    kind: eniKindOf(eni.kind),
    primaryAddress,
    prefixes,
    groups,
    status: attachment?.status === "detaching" ? "detaching" : status,
    addresses: eni.secondaryAddresses,
    tags: eni.tags,
    ...(attachment === undefined ? {} : { attachment: attachmentOf(attachment) }),
    ...(eni.connectionTracking === undefined ? {} : { connectionTracking: eni.connectionTracking }),
  };
}

function attachmentOf({ id, instanceId, deviceIndex, networkCard, deleteOnTermination }: NonNullable<Eni["attachment"]>) {
  const attachmentId: AttachmentId = id;
  return { id: attachmentId, instanceId, deviceIndex, networkCard, deleteOnTermination };
}

function asEc2Subnet({ id, vpcId, zone, cidr, freeAddresses, tags }: Subnet): Ec2Subnet {
  return { id, vpcId, zone, cidr, freeAddresses, tags };
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TypeError(`the model has no ${what}`);
  return value;
}

function eniKindOf(kind: Eni["kind"]): Ec2Eni["kind"] {
  return kind === "nat_gateway" || kind === "network_load_balancer" ? "other" : kind;
}
