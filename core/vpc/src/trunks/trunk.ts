import type { EniId } from "@slash28/address";
import type { EniPermissionId, TrunkAssociationId } from "../ids.ts";
import type { Tags } from "../tags/tag.ts";

/** What ties a branch ENI to the trunk ENI whose link carries its traffic, as a VLAN or in a GRE tunnel. */
export interface TrunkAssociation {
  readonly id: TrunkAssociationId;
  readonly trunkId: EniId;
  readonly branchId: EniId;
  readonly over: { readonly protocol: "VLAN"; readonly vlanId: number } | { readonly protocol: "GRE"; readonly greKey: number };
  readonly tags: Tags;
}

export interface AssociateTrunkInput {
  readonly trunkId: EniId;
  readonly branchId: EniId;
  /** Exactly one of the two. */
  readonly vlanId?: number;
  readonly greKey?: number;
  readonly clientToken?: string;
}

/** Leave for another account, or another AWS service, to attach an ENI or to give it an Elastic IP. */
export interface EniPermission {
  readonly id: EniPermissionId;
  readonly eniId: EniId;
  readonly grantee: { readonly accountId: string } | { readonly service: string };
  readonly permission: "INSTANCE-ATTACH" | "EIP-ASSOCIATE";
}

export interface CreateEniPermissionInput {
  readonly eniId: EniId;
  readonly accountId?: string;
  readonly service?: string;
  readonly permission: "INSTANCE-ATTACH" | "EIP-ASSOCIATE";
}
