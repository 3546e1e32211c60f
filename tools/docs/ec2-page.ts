import { readFileSync } from "node:fs";

const AWS = new URL("../../apps/lab/src/aws/", import.meta.url);

const HEAD = `# The lab's EC2

What EC2's API in the lab answers, and how true it is. Clients are unmodified: \`@aws-sdk/client-ec2\` and Debian's \`aws\` are what the tests use.

## True to EC2

- Addresses: the five that AWS keeps in every subnet, /28 prefixes that fragment, reservations, counts; IPv6 addresses and /80 prefixes likewise.
- Limits of the instance type: ENIs per network card and in all, slots per ENI, branches per trunk. Quotas of the account, with AWS's defaults.
- VPC ranges: EC2's table of what goes together, five of each family; a local route for each in every table.
- Codes and, where clients read them, texts of refusals; a refused call changes nothing. \`--dry-run\` answers \`DryRunOperation\`.
- Filters: those EC2 documents for each description; an unknown one is refused. \`tag:KEY\`, \`tag-key\`, \`*\`, \`?\`. Pages and their bounds.
- Client tokens: the same one gives the same resource, with other parameters \`IdempotentParameterMismatch\`.
- With \`--ec2-profile realistic\`: latencies, passing states, a bucket of tokens for each action.

## What the network carries

| | kernel data plane |
|---|---|
| source check, security groups (ranges of both families, other groups) | yes |
| route tables: the longest range decides, no route and blackholes drop | yes |
| internet gateway with public addresses and Elastic IPs, also on secondary addresses | yes |
| NAT gateway: a private subnet leaves under its address, if the gateway's own subnet leads out | yes |
| IPv6: an instance takes its first address and a default route; addresses and /80 prefixes; internet gateway in and out, egress-only gateway out alone | yes; the agent gives pods IPv4 only |
| branch ENIs: VLANs on their trunk's link, each with its own groups and source check | where the kernel has VLANs (8021q); the agent wires no pod to one |
| routes to an ENI or instance; GRE branches | the API knows them, no packet moves |
| more VPCs than the cluster's own | the API knows them, no packet moves |
| network ACLs other than the default one, peering, transit gateways, endpoints | not there |

## Chosen where AWS is silent

[core/vpc's README](../core/vpc/README.md#where-aws-is-silent) has the table. An instance reboots at once; its pods notice nothing. Images are
the EKS node images of the last Kubernetes versions under ids of the lab's own, and whatever image an instance was started from. NAT gateways are
zonal, with one address. The \`Ipv6Native\` subnet, address pools of one's own and IPAM are refused. An \`efa-only\` interface has an address here and none on EC2.
`;

/** docs/ec2.md: what the lab's EC2 is true in, and the actions it has. */
export function ec2Page(): string {
  const { ec2 } = JSON.parse(readFileSync(new URL("implemented-actions.json", AWS), "utf8")) as { readonly ec2: readonly string[] };
  const actions = [
    "## Actions\n",
    `The ${ec2.length} below. Any other of EC2's actions is answered \`UnsupportedOperation\`, one that EC2 does not have \`InvalidAction\`.\n`,
    `${ec2.map((name) => `\`${name}\``).join(", ")}\n`,
  ];
  return [HEAD, ...actions].join("\n");
}
