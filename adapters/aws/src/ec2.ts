import { asId, formatCidr4, formatIpv4, parseCidr4, parseIpv4, type EniId } from "@slash28/address";
import { Fault, type Clock, type ConnectionTracking, type CreateEniRequest, type Ec2, type Ec2Eni, type Tags } from "@slash28/ports";
import type { CredentialSource } from "./credentials.ts";
import { createEc2Call, type Ec2Call } from "./ec2-call.ts";
import { decodeEni, decodeSubnet, need, ofForm, UnexpectedAnswer } from "./eni-decoder.ts";
import { decodeInstanceType } from "./instance-type-decoder.ts";
import type { Meter } from "./meter.ts";
import type { QueryValue } from "./query-encoder.ts";

export interface Ec2Options {
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number;
  /** `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL`, or absent for the region's own endpoint. */
  readonly endpoint?: string;
  readonly userAgent?: string;
  /** One HTTP exchange; 10 seconds unless told. */
  readonly timeoutMs?: number;
  /** How often an unanswered call is tried in all; 3 unless told. The reconciler plans again anyway. */
  readonly tries?: number;
  readonly meter?: Meter;
}

const PAGE = 1_000;
/** An ENI that is not attached would be deleted and made again: waiting costs fewer calls. */
export const ATTACH_PATIENCE_MS = 120_000;

/** The EC2 calls of a node, over the query protocol. */
export function createEc2(options: Ec2Options): Ec2 {
  const call = createEc2Call({
    endpoint: `${(options.endpoint ?? `https://ec2.${options.region}.amazonaws.com`).replace(/\/+$/, "")}/`,
    region: options.region,
    credentials: options.credentials,
    clock: options.clock,
    random: options.random,
    userAgent: options.userAgent ?? "slash28",
    timeoutMs: options.timeoutMs ?? 10_000,
    tries: options.tries ?? 3,
    ...(options.meter === undefined ? {} : { meter: options.meter }),
  });
  return { ...reading(call), ...attaching(call), ...addressing(call) };
}

type Reading = Pick<Ec2, "describeAttachedEnis" | "describeEnis" | "describeFreeEnis" | "describeSubnets" | "describeInstanceType">;

function reading(call: Ec2Call): Reading {
  const describe = async (params: Readonly<Record<string, QueryValue>>): Promise<readonly Ec2Eni[]> => {
    const enis: Ec2Eni[] = [];
    let token: string | undefined;
    do {
      const page: { readonly enis: readonly Ec2Eni[]; readonly next: string | undefined } = await call({
        api: "DescribeNetworkInterfaces",
        params: { ...params, NextToken: token },
        decode: (answer) => ({ enis: answer.items("networkInterfaceSet").map(decodeEni), next: answer.text("nextToken") || undefined }),
      });
      enis.push(...page.enis);
      token = page.next;
    } while (token !== undefined);
    return enis;
  };
  const byFilter = (filters: readonly QueryValue[]): Promise<readonly Ec2Eni[]> => describe({ Filter: filters, MaxResults: PAGE });

  return {
    describeAttachedEnis: (instanceId) => byFilter([filter("attachment.instance-id", instanceId)]),
    // A filter leaves out what does not exist, where asking by id would refuse the whole call.
    describeEnis: (ids) => (ids.length === 0 ? Promise.resolve([]) : byFilter([filter("network-interface-id", ...ids)])),
    describeFreeEnis: (vpcId, tags) =>
      byFilter([
        filter("vpc-id", vpcId),
        filter("status", "available"),
        ...Object.entries(tags).map(([key, value]) => (value === "" ? filter("tag-key", key) : filter(`tag:${key}`, value))),
      ]),
    describeSubnets: (vpcId, zone) =>
      call({
        api: "DescribeSubnets",
        params: { Filter: [filter("vpc-id", vpcId), filter("availability-zone", zone)] },
        decode: (answer) => answer.items("subnetSet").map(decodeSubnet),
      }),
    describeInstanceType: (type) =>
      call({
        api: "DescribeInstanceTypes",
        params: { InstanceType: [type] },
        decode: (answer) => {
          const [found] = answer.items("instanceTypeSet");
          if (found === undefined) throw new UnexpectedAnswer(type, undefined);
          return decodeInstanceType(found);
        },
      }),
  };
}

type Attaching = Pick<Ec2, "createEni" | "attachEni" | "deleteOnTermination" | "detachEni" | "deleteEni">;

function attaching(call: Ec2Call): Attaching {
  return {
    createEni: (request) => createEni(call, request),
    attachEni: (eniId, instanceId, deviceIndex, networkCard) =>
      call({
        api: "AttachNetworkInterface",
        params: { NetworkInterfaceId: eniId, InstanceId: instanceId, DeviceIndex: deviceIndex, NetworkCardIndex: networkCard },
        about: { eni: eniId, instance: instanceId },
        patienceMs: ATTACH_PATIENCE_MS,
        decode: (answer) => asId(need(answer, "attachmentId", ofForm(/^[a-z-]+attach-[0-9a-f]+$/))),
      }),
    deleteOnTermination: (eniId, attachmentId) =>
      call({
        api: "ModifyNetworkInterfaceAttribute",
        params: { NetworkInterfaceId: eniId, Attachment: { AttachmentId: attachmentId, DeleteOnTermination: true } },
        about: { eni: eniId },
        decode: nothing,
      }),
    detachEni: (attachmentId) =>
      call({ api: "DetachNetworkInterface", params: { AttachmentId: attachmentId }, about: { eni: attachmentId }, decode: nothing }),
    deleteEni: async (eniId) => {
      try {
        await call({ api: "DeleteNetworkInterface", params: { NetworkInterfaceId: eniId }, about: { eni: eniId }, decode: nothing });
      } catch (cause) {
        if (!(cause instanceof Fault) || cause.code !== "ENI_GONE") throw cause;
      }
    },
  };
}

function createEni(call: Ec2Call, request: CreateEniRequest): Promise<Ec2Eni> {
  const { carry } = request;
  const count = carry.count > 0 ? carry.count : undefined;
  return call({
    api: "CreateNetworkInterface",
    params: {
      SubnetId: request.subnetId,
      SecurityGroupId: request.groups,
      Description: request.description,
      TagSpecification: [{ ResourceType: "network-interface", Tag: tagList(request.tags) }],
      ClientToken: request.clientToken,
      ...(request.connectionTracking === undefined ? {} : { ConnectionTrackingSpecification: trackingParams(request.connectionTracking) }),
      ...(carry.kind === "prefixes" ? { Ipv4PrefixCount: count } : { SecondaryPrivateIpAddressCount: count }),
    },
    about: { subnet: request.subnetId, prefixes: carry.kind === "prefixes" },
    decode: (answer) => decodeEni(answer.child("networkInterface") ?? answer),
  });
}

function trackingParams({ tcpEstablishedTimeout, udpStreamTimeout, udpTimeout }: ConnectionTracking): QueryValue {
  return { TcpEstablishedTimeout: tcpEstablishedTimeout, UdpStreamTimeout: udpStreamTimeout, UdpTimeout: udpTimeout };
}

type Addressing = Pick<Ec2, "assignAddresses" | "assignPrefixes" | "unassign" | "setGroups" | "tag">;

function addressing(call: Ec2Call): Addressing {
  const unassignOnly = (eniId: EniId, params: Readonly<Record<string, QueryValue>>): Promise<void> =>
    call({
      api: "UnassignPrivateIpAddresses",
      params: { NetworkInterfaceId: eniId, ...params },
      about: { eni: eniId },
      decode: nothing,
    });
  return {
    assignAddresses: (eniId, count) =>
      call({
        api: "AssignPrivateIpAddresses",
        params: { NetworkInterfaceId: eniId, SecondaryPrivateIpAddressCount: count },
        about: { eni: eniId },
        decode: (answer) => answer.items("assignedPrivateIpAddressesSet").map((each) => need(each, "privateIpAddress", parseIpv4)),
      }),
    assignPrefixes: (eniId, count) =>
      call({
        api: "AssignPrivateIpAddresses",
        params: { NetworkInterfaceId: eniId, Ipv4PrefixCount: count },
        about: { eni: eniId, prefixes: true },
        decode: (answer) => answer.items("assignedIpv4PrefixSet").map((each) => need(each, "ipv4Prefix", parseCidr4)),
      }),
    unassign: async (eniId, { addresses, prefixes }) => {
      if (prefixes.length > 0) await unassignOnly(eniId, { Ipv4Prefix: prefixes.map(formatCidr4) });
      if (addresses.length > 0) await unassignOnly(eniId, { PrivateIpAddress: addresses.map(formatIpv4) });
    },
    setGroups: (eniId, groups) =>
      call({
        api: "ModifyNetworkInterfaceAttribute",
        params: { NetworkInterfaceId: eniId, SecurityGroupId: groups },
        about: { eni: eniId },
        decode: nothing,
      }),
    tag: (id, tags) => call({ api: "CreateTags", params: { ResourceId: [id], Tag: tagList(tags) }, about: { eni: id }, decode: nothing }),
  };
}

function filter(name: string, ...values: readonly string[]): QueryValue {
  return { Name: name, Value: values };
}

function tagList(tags: Tags): QueryValue {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function nothing(): void {
  // The answer says only that it was done; the status said so already.
}
