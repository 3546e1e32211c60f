import type { DescribeAccountAttributesRequest, DescribeAccountAttributesResult } from "@aws-sdk/client-ec2";
import type { Cloud } from "@slash28/vpc";
import { read } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";

/** The attributes EC2 has kept from before Service Quotas; the numbers are the quotas in force. */
function attributes({ quotas }: Cloud): Readonly<Record<string, readonly string[]>> {
  return {
    "default-vpc": ["none"],
    "max-elastic-ips": [String(quotas.elasticAddresses)],
    "supported-platforms": ["VPC"],
    "vpc-max-elastic-ips": [String(quotas.elasticAddresses)],
    "vpc-max-security-groups-per-interface": [String(quotas.groupsPerEni)],
  };
}

export const describeAccountAttributes = read<DescribeAccountAttributesRequest, DescribeAccountAttributesResult>(
  "DescribeAccountAttributes",
  (input, { cloud }) => {
    const all = attributes(cloud);
    const names: readonly string[] = input.AttributeNames ?? [];
    const unknown = names.find((name) => !Object.hasOwn(all, name));
    if (unknown !== undefined) throw invalidValue(`Invalid value '${unknown}' for attributeName.`);
    const wanted = names.length === 0 ? Object.keys(all) : names;
    return {
      AccountAttributes: wanted.map((AttributeName) => ({
        AttributeName,
        AttributeValues: (all[AttributeName] ?? []).map((AttributeValue) => ({ AttributeValue })),
      })),
    };
  },
);
