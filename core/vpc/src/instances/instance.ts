import type { EniId, InstanceId, Ipv4, SecurityGroupId, SubnetId, VpcId } from "@slash28/address";
import type { ConnectionTracking } from "../enis/connection-tracking.ts";
import type { Carry, Ipv6Carry } from "../enis/eni.ts";
import type { LaunchTemplateId, ReservationId } from "../ids.ts";
import type { Millis } from "../result.ts";
import type { Tags } from "../tags/tag.ts";

export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

export interface Instance {
  readonly id: InstanceId;
  readonly reservationId: ReservationId;
  /** Position among the instances of its reservation. */
  readonly launchIndex: number;
  readonly ownerId: string;
  readonly type: string;
  readonly imageId: string;
  readonly state: InstanceState;
  readonly subnetId: SubnetId;
  readonly vpcId: VpcId;
  readonly zone: string;
  /** Attached ENIs by network card and device index; the first is the primary ENI. Empty once terminated. */
  readonly enis: readonly EniId[];
  /** The primary ENI's primary address; absent once terminated. */
  readonly privateAddress?: Ipv4;
  readonly publicAddress?: Ipv4;
  /** Its primary ENI gets a public address at every start. */
  readonly hasPublicAddressOnStart: boolean;
  readonly metadata: MetadataOptions;
  readonly keyName?: string;
  readonly instanceProfile?: string;
  readonly userData?: string;
  readonly clientToken?: string;
  readonly launchedAt: Millis;
  readonly terminatedAt?: Millis;
  readonly tags: Tags;
}

/** How the instance's metadata service answers. */
export interface MetadataOptions {
  readonly isEnabled: boolean;
  readonly needsToken: boolean;
  readonly hopLimit: number;
  readonly showsTags: boolean;
}

/** An ENI of a launch: made with the instance, or one that exists. */
export type LaunchEni =
  | {
      readonly kind: "new";
      readonly deviceIndex: number;
      readonly networkCard?: number;
      readonly subnetId?: SubnetId;
      readonly groups?: readonly SecurityGroupId[];
      readonly description?: string;
      readonly primaryAddress?: Ipv4;
      readonly carry?: Carry;
      readonly ipv6?: Ipv6Carry;
      readonly hasPrimaryIpv6?: boolean;
      /** `interface` when absent. */
      readonly interfaceType?: "interface" | "efa" | "efa-only";
      readonly hasPublicAddress?: boolean;
      readonly connectionTracking?: ConnectionTracking;
      /** True when absent. */
      readonly deleteOnTermination?: boolean;
    }
  | { readonly kind: "existing"; readonly deviceIndex: number; readonly networkCard?: number; readonly eniId: EniId };

export interface RunInstancesInput {
  readonly type: string;
  readonly imageId: string;
  readonly minCount: number;
  readonly maxCount: number;
  /** These five describe the primary ENI; they do not go together with `enis`. */
  readonly subnetId?: SubnetId;
  readonly groups?: readonly SecurityGroupId[];
  readonly privateAddress?: Ipv4;
  readonly addressCount?: number;
  readonly ipv6?: Ipv6Carry;
  readonly enis?: readonly LaunchEni[];
  readonly metadata?: Partial<MetadataOptions>;
  readonly keyName?: string;
  readonly instanceProfile?: string;
  readonly userData?: string;
  readonly tags?: Tags;
  /** The template these parameters come from; EC2 puts its id and version on the instance as tags. */
  readonly launchTemplate?: { readonly id: LaunchTemplateId; readonly version: number };
  /** Put on the ENIs made with the instance. */
  readonly eniTags?: Tags;
  readonly clientToken?: string;
}

/** What one RunInstances call started. */
export interface Reservation {
  readonly id: ReservationId;
  readonly instances: readonly Instance[];
}

export interface InstanceStateChange {
  readonly instanceId: InstanceId;
  readonly previous: InstanceState;
  readonly current: InstanceState;
}
