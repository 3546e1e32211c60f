import { asId, type VpcId } from "@slash28/address";
import type {
  AttachInternetGatewayRequest,
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult,
  DeleteInternetGatewayRequest,
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  DetachInternetGatewayRequest,
  InternetGateway as WireGateway,
} from "@aws-sdk/client-ec2";
import type { InternetGateway, InternetGatewayId } from "@slash28/vpc";
import { answer, DONE, mutation, need, read } from "../../action.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";
import { tagsFor, tagSet } from "../../query/tag-specifications.ts";

export const describeInternetGateways = read<DescribeInternetGatewaysRequest, DescribeInternetGatewaysResult>(
  "DescribeInternetGateways",
  (input, { cloud, call }) => {
    const all = answer(cloud.describeInternetGateways(namedIds<InternetGatewayId>(input.InternetGatewayIds), call));
    const rules = { action: "DescribeInternetGateways", key: ({ id }: InternetGateway) => id };
    const { items, ...more } = page(filtered(all, input.Filters, FILTERS), input, rules);
    return { InternetGateways: items.map(wireGateway), ...more };
  },
);

export const createInternetGateway = mutation<CreateInternetGatewayRequest, CreateInternetGatewayResult>(
  "CreateInternetGateway",
  (input, { cloud, call }) => {
    const created = cloud.createInternetGateway({ tags: tagsFor("internet-gateway", input.TagSpecifications) }, call);
    return { InternetGateway: wireGateway(answer(created)) };
  },
);

export const deleteInternetGateway = mutation<DeleteInternetGatewayRequest, object>("DeleteInternetGateway", (input, { cloud, call }) => {
  answer(cloud.deleteInternetGateway({ gatewayId: gatewayIdOf(input) }, call));
  return DONE;
});

export const attachInternetGateway = mutation<AttachInternetGatewayRequest, object>("AttachInternetGateway", (input, { cloud, call }) => {
  answer(cloud.attachInternetGateway({ gatewayId: gatewayIdOf(input), vpcId: asId<VpcId>(need(input.VpcId, "vpcId")) }, call));
  return DONE;
});

export const detachInternetGateway = mutation<DetachInternetGatewayRequest, object>("DetachInternetGateway", (input, { cloud, call }) => {
  answer(cloud.detachInternetGateway({ gatewayId: gatewayIdOf(input), vpcId: asId<VpcId>(need(input.VpcId, "vpcId")) }, call));
  return DONE;
});

function gatewayIdOf({ InternetGatewayId }: { readonly InternetGatewayId: string | undefined }): InternetGatewayId {
  return asId<InternetGatewayId>(need(InternetGatewayId, "internetGatewayId"));
}

function wireGateway({ id, ownerId, vpcId, tags }: InternetGateway): WireGateway {
  return {
    InternetGatewayId: id,
    OwnerId: ownerId,
    // EC2 says available here where its model says attached.
    Attachments: vpcId === undefined ? [] : [{ VpcId: vpcId, State: "available" as "attached" }],
    Tags: tagSet(tags),
  };
}

const FILTERS: FilterTable<InternetGateway> = {
  "attachment.state": ({ vpcId }) => (vpcId === undefined ? undefined : "available"),
  "attachment.vpc-id": ({ vpcId }) => vpcId,
  "internet-gateway-id": ({ id }) => id,
  "owner-id": ({ ownerId }) => ownerId,
};
