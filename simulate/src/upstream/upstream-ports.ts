import type { EniId, InstanceId, SubnetId, VpcId } from "@slash28/address";
import { Fault, type Clock, type Ec2, type Metadata } from "@slash28/ports";
import type { Random } from "@slash28/simulation";
import type { UpstreamFacts } from "./pool-rules.ts";
import type { AwsCall } from "./sdk-retry.ts";
import type { UpstreamStore } from "./store.ts";

/** What one process of the daemon works with. */
export interface UpstreamPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ec2: Ec2;
  readonly metadata: Metadata;
  /** The way of each call to AWS: retries, and what a test counts. */
  readonly call: AwsCall;
}

export interface UpstreamIdentity {
  readonly instanceId: InstanceId;
  readonly vpcId: VpcId;
  readonly zone: string;
  readonly subnetId: SubnetId;
  readonly primaryEni: EniId;
  /** The subnet of the node's ENIConfig, under custom networking. */
  readonly eniConfigSubnet: SubnetId | undefined;
  /** `ENABLE_SUBNET_DISCOVERY`. */
  readonly hasDiscovery: boolean;
}

/** The daemon's memory: gone with its process. */
export interface UpstreamMemory {
  readonly ports: UpstreamPorts;
  readonly identity: UpstreamIdentity;
  readonly facts: UpstreamFacts;
  readonly store: UpstreamStore;
  /** Ranges it handed back, by text, with the time: the metadata service may still show them. */
  readonly handedBack: Map<string, number>;
  /** After a capacity error nothing is asked for until then. */
  capacityUntil: number;
  decreasedAt: number;
  /** When the pool was last changed or compared with the metadata service. */
  reconciledAt: number;
}

/** EC2's own code of a refusal. */
export function ec2Code(cause: unknown): string {
  if (!(cause instanceof Fault)) throw cause;
  return String(cause.fields["code"] ?? cause.code);
}

/** The codes that upstream takes for a subnet without room; what CreateNetworkInterface says when no /28 is left is not among them. */
export function isCapacityError(cause: unknown): boolean {
  return ["InsufficientCidrBlocks", "InsufficientFreeAddressesInSubnet"].includes(ec2Code(cause));
}
