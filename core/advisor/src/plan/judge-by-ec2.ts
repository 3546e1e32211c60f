import { cidr4, offsetIpv6 } from "@slash28/address";
import { createCloud } from "@slash28/vpc";
import type { Plan } from "./plan-types.ts";

const CALL = { now: 0 };

/** What EC2 would refuse of a plan's VPC, subnets and reservations, in its own words; none when it takes all of it. */
export function refusedByEc2({ region, zones, vpc }: Plan): readonly string[] {
  const cloud = createCloud({
    region,
    accountId: "111122223333",
    zones: zones.map((name, at) => ({ name, id: `${region}-az${at + 1}` })),
  });
  const refused: string[] = [];
  const [primary = "", ...further] = vpc.cidrs;
  const made = cloud.createVpc({ cidr: cidr4(primary), hasIpv6: vpc.hasIpv6 }, CALL);
  if (!made.ok) return [`VPC ${primary}: ${made.error.code}: ${made.error.message}`];
  const vpcId = made.value.id;
  for (const cidr of further) {
    const added = cloud.associateVpcCidr({ vpcId, cidr: cidr4(cidr) }, CALL);
    if (!added.ok) refused.push(`range ${cidr}: ${added.error.code}: ${added.error.message}`);
  }
  const block = made.value.ipv6Cidrs[0]?.cidr;
  for (const [at, { name, zone, cidr, reservations }] of vpc.subnets.entries()) {
    // As `cidrsubnet(…, 8, at)` of the Terraform file has it.
    const ipv6 = block === undefined ? {} : { ipv6Cidr: { base: offsetIpv6(block.base, BigInt(at) << 64n), length: 64 } };
    const subnet = cloud.createSubnet({ vpcId, cidr: cidr4(cidr), zone, ...ipv6 }, CALL);
    if (!subnet.ok) {
      refused.push(`subnet ${name}: ${subnet.error.code}: ${subnet.error.message}`);
      continue;
    }
    for (const reservation of reservations) {
      const reserved = cloud.createCidrReservation({ subnetId: subnet.value.id, cidr: cidr4(reservation), type: "prefix" }, CALL);
      if (!reserved.ok) refused.push(`reservation ${reservation} of ${name}: ${reserved.error.code}: ${reserved.error.message}`);
    }
  }
  return refused;
}
