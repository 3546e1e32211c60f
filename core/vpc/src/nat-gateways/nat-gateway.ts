import type { EniId, Ipv4, SubnetId, VpcId } from "@slash28/address";
import type { ElasticAddressId, NatGatewayId } from "../ids.ts";
import type { Millis } from "../result.ts";
import type { Tags } from "../tags/tag.ts";

/** A NAT gateway: an ENI of AWS's own in a subnet, from whose address others' connections leave. */
export interface NatGateway {
  readonly id: NatGatewayId;
  readonly subnetId: SubnetId;
  readonly vpcId: VpcId;
  /** `private`: its traffic leaves with its private address, and no internet gateway takes that. */
  readonly connectivity: "public" | "private";
  readonly state: "pending" | "failed" | "available" | "deleting" | "deleted";
  readonly eniId: EniId;
  readonly privateAddress: Ipv4;
  readonly addressId?: ElasticAddressId;
  readonly publicAddress?: Ipv4;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly createdAt: Millis;
  readonly deletedAt?: Millis;
  readonly tags: Tags;
}

export interface CreateNatGatewayInput {
  readonly subnetId: SubnetId;
  /** `public` when absent. */
  readonly connectivity?: "public" | "private";
  /** The Elastic IP of a public one. */
  readonly addressId?: ElasticAddressId;
  readonly privateAddress?: Ipv4;
  readonly tags?: Tags;
  readonly clientToken?: string;
}
