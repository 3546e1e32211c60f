import { asId, type EniId } from "@slash28/address";
import type {
  DescribeNetworkInterfaceAttributeRequest,
  DescribeNetworkInterfaceAttributeResult,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
} from "@aws-sdk/client-ec2";
import { answer, need, read } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { filtered } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { eitherIdsOrPages, page } from "../../query/pagination.ts";
import { eniFilters } from "./eni-filters.ts";
import { eniGroups, wireAttachment, wireEni } from "./wire-eni.ts";

export const describeNetworkInterfaces = read<DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult>(
  "DescribeNetworkInterfaces",
  (input, { cloud, call }) => {
    eitherIdsOrPages(input.NetworkInterfaceIds, input, "networkInterfaceIds");
    const all = answer(cloud.describeEnis(namedIds<EniId>(input.NetworkInterfaceIds), call));
    const matching = filtered(all, input.Filters, () => eniFilters(cloud));
    const { items, ...more } = page(matching, input, { action: "DescribeNetworkInterfaces", key: ({ id }) => id });
    return { NetworkInterfaces: items.map((eni) => wireEni(cloud, eni)), ...more };
  },
);

export const describeNetworkInterfaceAttribute = read<DescribeNetworkInterfaceAttributeRequest, DescribeNetworkInterfaceAttributeResult>(
  "DescribeNetworkInterfaceAttribute",
  (input, { cloud, call }) => {
    const id = asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId"));
    const attribute = need(input.Attribute, "attribute");
    const [eni] = answer(cloud.describeEnis({ ids: [id] }, call));
    if (eni === undefined) throw new TypeError(`describing ${id} gave neither an ENI nor a refusal`);
    const head = { NetworkInterfaceId: eni.id };
    switch (attribute) {
      case "description":
        return { ...head, Description: { Value: eni.description } };
      case "groupSet":
        return { ...head, Groups: eniGroups(cloud, eni) };
      case "sourceDestCheck":
        return { ...head, SourceDestCheck: { Value: eni.hasSourceDestCheck } };
      case "attachment":
        return { ...head, Attachment: eni.attachment === undefined ? undefined : wireAttachment(cloud, eni.attachment) };
      case "associatePublicIpAddress":
        return { ...head, AssociatePublicIpAddress: eni.publicAddress !== undefined };
      default:
        attribute satisfies never;
        throw invalidValue(`Invalid value '${String(attribute)}' for attribute.`);
    }
  },
);
