import { asId, type EniId } from "@slash28/address";
import type {
  AssociateTrunkInterfaceRequest,
  AssociateTrunkInterfaceResult,
  DescribeTrunkInterfaceAssociationsRequest,
  DescribeTrunkInterfaceAssociationsResult,
  DisassociateTrunkInterfaceRequest,
  DisassociateTrunkInterfaceResult,
  TrunkInterfaceAssociation,
} from "@aws-sdk/client-ec2";
import type { TrunkAssociation, TrunkAssociationId } from "@slash28/vpc";
import { answer, mutation, need, read } from "../../action.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { eitherIdsOrPages, page } from "../../query/pagination.ts";
import { tagSet } from "../../query/tag-specifications.ts";

/** EC2 shows at most this many associations in one reply. */
const RESULTS_MAX = 255;

export const associateTrunkInterface = mutation<AssociateTrunkInterfaceRequest, AssociateTrunkInterfaceResult>(
  "AssociateTrunkInterface",
  (input, { cloud, call }) => {
    const association = cloud.associateTrunk(
      {
        trunkId: asId<EniId>(need(input.TrunkInterfaceId, "trunkInterfaceId")),
        branchId: asId<EniId>(need(input.BranchInterfaceId, "branchInterfaceId")),
        ...(input.VlanId === undefined ? {} : { vlanId: input.VlanId }),
        ...(input.GreKey === undefined ? {} : { greKey: input.GreKey }),
        ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
      },
      call,
    );
    return { InterfaceAssociation: wireAssociation(answer(association)), ClientToken: input.ClientToken };
  },
);

export const disassociateTrunkInterface = mutation<DisassociateTrunkInterfaceRequest, DisassociateTrunkInterfaceResult>(
  "DisassociateTrunkInterface",
  (input, { cloud, call }) => {
    const associationId = asId<TrunkAssociationId>(need(input.AssociationId, "associationId"));
    answer(cloud.disassociateTrunk({ associationId }, call));
    return { Return: true, ClientToken: input.ClientToken };
  },
);

export const describeTrunkInterfaceAssociations = read<DescribeTrunkInterfaceAssociationsRequest, DescribeTrunkInterfaceAssociationsResult>(
  "DescribeTrunkInterfaceAssociations",
  (input, { cloud, call }) => {
    eitherIdsOrPages(input.AssociationIds, input, "associationIds");
    const all = answer(cloud.describeTrunkAssociations(namedIds<TrunkAssociationId>(input.AssociationIds), call));
    const rules = { action: "DescribeTrunkInterfaceAssociations", key: ({ id }: TrunkAssociation) => id, resultsMax: RESULTS_MAX };
    const { items, ...more } = page(filtered(all, input.Filters, FILTERS), input, rules);
    return { InterfaceAssociations: items.map(wireAssociation), ...more };
  },
);

function wireAssociation({ id, trunkId, branchId, over, tags }: TrunkAssociation): TrunkInterfaceAssociation {
  return {
    AssociationId: id,
    TrunkInterfaceId: trunkId,
    BranchInterfaceId: branchId,
    InterfaceProtocol: over.protocol,
    ...(over.protocol === "VLAN" ? { VlanId: over.vlanId } : { GreKey: over.greKey }),
    Tags: tagSet(tags),
  };
}

const FILTERS: FilterTable<TrunkAssociation> = {
  "gre-key": ({ over }) => (over.protocol === "GRE" ? over.greKey : undefined),
  "interface-protocol": ({ over }) => over.protocol,
};
