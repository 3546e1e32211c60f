import type { EniId, InstanceId, Ipv4 } from "@slash28/address";
import type { ElasticAddressId, ElasticAssociationId } from "../ids.ts";
import type { Tags } from "../tags/tag.ts";

/** An Elastic IP: a public address of the account's until it is released. */
export interface ElasticAddress {
  readonly id: ElasticAddressId;
  readonly ownerId: string;
  readonly publicAddress: Ipv4;
  /** Absent while it is on no ENI. */
  readonly association?: ElasticAssociation;
  readonly tags: Tags;
}

export interface ElasticAssociation {
  readonly id: ElasticAssociationId;
  readonly eniId: EniId;
  /** The address of the ENI that it stands for: the primary one or a secondary one. */
  readonly privateAddress: Ipv4;
}

export interface AssociateAddressInput {
  readonly addressId: ElasticAddressId;
  /** Exactly one of the two; an instance stands for its primary ENI. */
  readonly eniId?: EniId;
  readonly instanceId?: InstanceId;
  /** The ENI's primary address when absent. */
  readonly privateAddress?: Ipv4;
  /** Takes it from where it is now. True when absent, as in a VPC. */
  readonly mayReassociate?: boolean;
}
