import type {
  DescribeFlowLogsRequest,
  DescribeFlowLogsResult,
  DescribeManagedPrefixListsRequest,
  DescribeManagedPrefixListsResult,
  DescribeVpcEndpointsRequest,
  DescribeVpcEndpointsResult,
  DescribeVpcPeeringConnectionsRequest,
  DescribeVpcPeeringConnectionsResult,
  Filter,
} from "@aws-sdk/client-ec2";
import { read } from "../../action.ts";
import { AwsError, invalidValue } from "../../aws-error.ts";

/** What the lab's account can have none of, because nothing makes any. Asking for one by id or by a filter EC2 does not have is refused as ever. */
function none(
  ids: readonly string[] | undefined,
  unknownCode: string,
  filters: readonly Filter[] | undefined,
  known: readonly string[],
): void {
  for (const { Name: name = "" } of filters ?? []) {
    const isKnown = known.includes(name) || name === "tag-key" || /^tag:./.test(name);
    if (!isKnown) throw invalidValue(`The filter '${name}' is invalid`);
  }
  const [first] = ids ?? [];
  if (first !== undefined) throw new AwsError(unknownCode, `The ID '${first}' does not exist`);
}

export const describeVpcEndpoints = read<DescribeVpcEndpointsRequest, DescribeVpcEndpointsResult>("DescribeVpcEndpoints", (input) => {
  const known = [
    "ip-address-type",
    "service-name",
    "service-region",
    "vpc-id",
    "vpc-endpoint-id",
    "vpc-endpoint-state",
    "vpc-endpoint-type",
  ];
  none(input.VpcEndpointIds, "InvalidVpcEndpointId.NotFound", input.Filters, known);
  return { VpcEndpoints: [] };
});

export const describeVpcPeeringConnections = read<DescribeVpcPeeringConnectionsRequest, DescribeVpcPeeringConnectionsResult>(
  "DescribeVpcPeeringConnections",
  (input) => {
    const ends = ["accepter-vpc-info", "requester-vpc-info"].flatMap((end) =>
      ["cidr-block", "owner-id", "vpc-id"].map((what) => `${end}.${what}`),
    );
    const known = [...ends, "expiration-time", "status-code", "status-message", "vpc-peering-connection-id"];
    none(input.VpcPeeringConnectionIds, "InvalidVpcPeeringConnectionID.NotFound", input.Filters, known);
    return { VpcPeeringConnections: [] };
  },
);

export const describeFlowLogs = read<DescribeFlowLogsRequest, DescribeFlowLogsResult>("DescribeFlowLogs", (input) => {
  const known = ["deliver-log-status", "log-destination-type", "flow-log-id", "log-group-name", "resource-id", "traffic-type"];
  none(input.FlowLogIds, "InvalidFlowLogId.NotFound", input.Filter, known);
  return { FlowLogs: [] };
});

export const describeManagedPrefixLists = read<DescribeManagedPrefixListsRequest, DescribeManagedPrefixListsResult>(
  "DescribeManagedPrefixLists",
  (input) => {
    none(input.PrefixListIds, "InvalidPrefixListID.NotFound", input.Filters, ["owner-id", "prefix-list-id", "prefix-list-name"]);
    return { PrefixLists: [] };
  },
);
