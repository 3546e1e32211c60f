export { describePrefixLists } from "./prefix-lists.ts";
export { describeFlowLogs, describeManagedPrefixLists, describeVpcEndpoints, describeVpcPeeringConnections } from "./none.ts";
