import type { Quotas } from "../cloud/options.ts";
import type { Decide } from "../cloud/state.ts";
import { invalidValue } from "../errors.ts";
import { ok, refuse } from "../result.ts";

export type QuotaName = keyof Quotas;

/** A quota as Service Quotas names it. */
export interface QuotaSpec {
  readonly serviceCode: "ec2" | "vpc";
  readonly code: string;
  /** Its name in Service Quotas. */
  readonly title: string;
  readonly defaultValue: number;
}

const vpc = (code: string, title: string, defaultValue: number): QuotaSpec => ({ serviceCode: "vpc", code, title, defaultValue });

/** Every quota the model enforces, with AWS's code and default (AWS: "Amazon VPC quotas", "Amazon EC2 endpoints and quotas"). */
export const QUOTAS: Readonly<Record<QuotaName, QuotaSpec>> = {
  vpcs: vpc("L-F678F1CE", "VPCs per Region", 5),
  cidrsPerVpc: vpc("L-83CA0A9D", "IPv4 CIDR blocks per VPC", 5),
  ipv6CidrsPerVpc: vpc("L-085A6257", "IPv6 CIDR blocks per VPC", 5),
  subnetsPerVpc: vpc("L-407747CB", "Subnets per VPC", 200),
  enis: vpc("L-DF5E4CA3", "Network interfaces per Region", 5_000),
  groups: vpc("L-E79EC296", "VPC security groups per Region", 2_500),
  groupsPerEni: vpc("L-2AFB9258", "Security groups per network interface", 5),
  rulesPerGroup: vpc("L-0EA8095F", "Inbound or outbound rules per security group", 60),
  routeTablesPerVpc: vpc("L-589F43AA", "Route tables per VPC", 200),
  routesPerTable: vpc("L-93826ACB", "Routes per route table", 50),
  internetGateways: vpc("L-A4707A72", "Internet gateways per Region", 5),
  egressOnlyGateways: vpc("L-45FE3B85", "Egress-only internet gateways per Region", 5),
  elasticAddresses: { serviceCode: "ec2", code: "L-0263D0A3", title: "EC2-VPC Elastic IPs", defaultValue: 5 },
  natGatewaysPerZone: vpc("L-FE5A380F", "NAT gateways per Availability Zone", 5),
};

export function defaultQuotas(): Quotas {
  return Object.fromEntries(Object.entries(QUOTAS).map(([name, spec]) => [name, spec.defaultValue])) as Record<QuotaName, number>;
}

/** A group is never held to more than this many rules times groups per ENI (AWS: "Amazon VPC quotas", security groups). */
const RULES_PER_ENI_MAX = 1_000;
/** AWS raises security groups per ENI this far at most. */
const GROUPS_PER_ENI_MAX = 16;

export interface RaiseQuotaInput {
  readonly quota: QuotaName;
  readonly value: number;
}

/** Changes a quota of the account from now on; what is over a lower one stays. Not an EC2 call: Service Quotas and the lab's operator ask for it. */
export const raiseQuota: Decide<RaiseQuotaInput, Quotas> = (state, { quota, value }) => {
  if (!Object.hasOwn(QUOTAS, quota)) return refuse(invalidValue(`There is no quota '${quota}'.`));
  if (!Number.isInteger(value) || value < 0) return refuse(invalidValue(`Value (${value}) for quota ${quota} is invalid.`));
  const next: Quotas = { ...state.quotas, [quota]: value };
  if (next.groupsPerEni > GROUPS_PER_ENI_MAX) {
    return refuse(invalidValue(`Security groups per network interface may be raised to ${GROUPS_PER_ENI_MAX} at most.`));
  }
  if (next.groupsPerEni * next.rulesPerGroup > RULES_PER_ENI_MAX) {
    return refuse(
      invalidValue(`Rules per security group times security groups per network interface may not be more than ${RULES_PER_ENI_MAX}.`),
    );
  }
  return ok(() => {
    state.quotas = next;
    state.touched.push(QUOTAS[quota].code);
    return next;
  });
};
