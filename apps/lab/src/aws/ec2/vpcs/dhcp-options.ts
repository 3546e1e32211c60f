import type { DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult, DhcpOptions } from "@aws-sdk/client-ec2";
import type { Cloud } from "@slash28/vpc";
import { read } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { filtered } from "../../query/filters.ts";

/** The Region's one set of DHCP options; every VPC has it. */
export const DHCP_OPTIONS_ID = "dopt-00000000000000001";

/** Amazon's resolver and the Region's own domain, as every account has them from the start. */
export const describeDhcpOptions = read<DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult>(
  "DescribeDhcpOptions",
  (input, { cloud }) => {
    const unknown = (input.DhcpOptionsIds ?? []).find((id) => id !== DHCP_OPTIONS_ID);
    if (unknown !== undefined) throw new AwsError("InvalidDhcpOptionID.NotFound", `The dhcpOption ID '${unknown}' does not exist`);
    const found = filtered([options(cloud)], input.Filters, {
      "dhcp-options-id": ({ DhcpOptionsId }) => DhcpOptionsId,
      key: ({ DhcpConfigurations = [] }) => DhcpConfigurations.map(({ Key }) => Key),
      "owner-id": ({ OwnerId }) => OwnerId,
      value: ({ DhcpConfigurations = [] }) => DhcpConfigurations.flatMap(({ Values = [] }) => Values.map(({ Value }) => Value)),
    });
    return { DhcpOptions: [...found] };
  },
);

function options({ region, accountId }: Cloud): DhcpOptions {
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  return {
    DhcpOptionsId: DHCP_OPTIONS_ID,
    OwnerId: accountId,
    DhcpConfigurations: [
      { Key: "domain-name", Values: [{ Value: domain }] },
      { Key: "domain-name-servers", Values: [{ Value: "AmazonProvidedDNS" }] },
    ],
    Tags: [],
  };
}
