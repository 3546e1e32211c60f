import { asId, type VpcId } from "@slash28/address";
import type {
  CreateEgressOnlyInternetGatewayRequest,
  CreateEgressOnlyInternetGatewayResult,
  DeleteEgressOnlyInternetGatewayRequest,
  DeleteEgressOnlyInternetGatewayResult,
  DescribeEgressOnlyInternetGatewaysRequest,
  DescribeEgressOnlyInternetGatewaysResult,
  EgressOnlyInternetGateway,
} from "@aws-sdk/client-ec2";
import type { EgressOnlyGateway, EgressOnlyGatewayId } from "@slash28/vpc";
import { answer, mutation, need, read } from "../../action.ts";
import { filtered } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";
import { tagsFor, tagSet } from "../../query/tag-specifications.ts";

export const createEgressOnlyInternetGateway = mutation<CreateEgressOnlyInternetGatewayRequest, CreateEgressOnlyInternetGatewayResult>(
  "CreateEgressOnlyInternetGateway",
  (input, { cloud, call }) => {
    const created = cloud.createEgressOnlyGateway(
      {
        vpcId: asId<VpcId>(need(input.VpcId, "vpcId")),
        tags: tagsFor("egress-only-internet-gateway", input.TagSpecifications),
        ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
      },
      call,
    );
    return { EgressOnlyInternetGateway: wireGateway(answer(created)), ClientToken: input.ClientToken };
  },
);

export const deleteEgressOnlyInternetGateway = mutation<DeleteEgressOnlyInternetGatewayRequest, DeleteEgressOnlyInternetGatewayResult>(
  "DeleteEgressOnlyInternetGateway",
  (input, { cloud, call }) => {
    const gatewayId = asId<EgressOnlyGatewayId>(need(input.EgressOnlyInternetGatewayId, "egressOnlyInternetGatewayId"));
    answer(cloud.deleteEgressOnlyGateway({ gatewayId }, call));
    return { ReturnCode: true };
  },
);

/** The only filters EC2 documents here are those on tags. */
export const describeEgressOnlyInternetGateways = read<DescribeEgressOnlyInternetGatewaysRequest, DescribeEgressOnlyInternetGatewaysResult>(
  "DescribeEgressOnlyInternetGateways",
  (input, { cloud, call }) => {
    const all = answer(cloud.describeEgressOnlyGateways(namedIds<EgressOnlyGatewayId>(input.EgressOnlyInternetGatewayIds), call));
    const rules = { action: "DescribeEgressOnlyInternetGateways", key: ({ id }: EgressOnlyGateway) => id, resultsMax: 255 };
    const { items, ...more } = page(filtered(all, input.Filters, {}), input, rules);
    return { EgressOnlyInternetGateways: items.map(wireGateway), ...more };
  },
);

function wireGateway({ id, vpcId, tags }: EgressOnlyGateway): EgressOnlyInternetGateway {
  return { EgressOnlyInternetGatewayId: id, Attachments: [{ State: "attached", VpcId: vpcId }], Tags: tagSet(tags) };
}
