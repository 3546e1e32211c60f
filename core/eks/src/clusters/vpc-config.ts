import { parseCidr4 } from "@slash28/address";
import type { EksCall } from "../call.ts";
import { invalidParameter } from "../errors.ts";
import { ok, refuse, type EksError, type EksResult } from "../result.ts";
import type { VpcConfig } from "../state.ts";

/** `resourcesVpcConfig` as requests have it. */
export interface VpcConfigInput {
  readonly subnetIds?: readonly string[] | undefined;
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly endpointPublicAccess?: boolean | undefined;
  readonly endpointPrivateAccess?: boolean | undefined;
  readonly publicAccessCidrs?: readonly string[] | undefined;
}

const EVERYWHERE = "0.0.0.0/0";
/** EKS User Guide, "View Amazon EKS networking requirements": each subnet needs at least six addresses, sixteen are recommended. */
const FREE_ADDRESSES_MIN = 6;

/** The VPC configuration of a new cluster: subnets of one VPC in at least two zones, groups of that VPC. */
export function newVpcConfig(input: VpcConfigInput, call: EksCall, isIpv6: boolean): EksResult<VpcConfig> {
  const subnets = checkSubnets(input.subnetIds ?? [], call, isIpv6);
  if (!subnets.ok) return subnets;
  const groups = [...new Set(input.securityGroupIds)];
  const fault = groupsFault(groups, subnets.value.vpcId, call);
  if (fault !== undefined) return refuse(fault);
  return withAccess({ ...subnets.value, securityGroupIds: groups, ...FIRST_ACCESS }, input);
}

const FIRST_ACCESS = { endpointPublicAccess: true, endpointPrivateAccess: false, publicAccessCidrs: [EVERYWHERE] } as const;

/** The same with what an update changes. */
export function changedVpcConfig(before: VpcConfig, input: VpcConfigInput, call: EksCall, isIpv6: boolean): EksResult<VpcConfig> {
  let after = before;
  if (input.subnetIds !== undefined) {
    const subnets = checkSubnets(input.subnetIds, call, isIpv6);
    if (!subnets.ok) return subnets;
    if (subnets.value.vpcId !== before.vpcId) {
      return refuse(invalidParameter("Provided subnets must belong to the same VPC that was used when the cluster was created"));
    }
    after = { ...after, ...subnets.value };
  }
  if (input.securityGroupIds !== undefined) {
    const fault = groupsFault(input.securityGroupIds, before.vpcId, call);
    if (fault !== undefined) return refuse(fault);
    after = { ...after, securityGroupIds: [...new Set(input.securityGroupIds)] };
  }
  return withAccess(after, input);
}

function checkSubnets(
  ids: readonly string[],
  { network }: EksCall,
  isIpv6: boolean,
): EksResult<{ readonly subnetIds: readonly string[]; readonly vpcId: string }> {
  const subnetIds = [...new Set(ids)];
  if (subnetIds.length === 0)
    return refuse(invalidParameter("subnetIds must contain at least two subnets in different Availability Zones"));
  const zones = new Set<string>();
  let vpcId: string | undefined;
  for (const id of subnetIds) {
    const subnet = network.subnet(id);
    if (subnet === undefined) return refuse(invalidParameter(`The subnet ID '${id}' does not exist`));
    if (vpcId !== undefined && subnet.vpcId !== vpcId) return refuse(invalidParameter("Subnets provided do not belong to the same VPC"));
    vpcId = subnet.vpcId;
    zones.add(subnet.zone);
    if (subnet.freeAddresses < FREE_ADDRESSES_MIN) {
      const why = `has ${subnet.freeAddresses} free addresses; at least ${FREE_ADDRESSES_MIN} are needed`;
      return refuse(invalidParameter(`The subnet ID '${id}' ${why}`));
    }
    if (isIpv6 && !subnet.hasIpv6) return refuse(invalidParameter(`Subnet ${id} does not have an associated IPv6 CIDR block`));
  }
  if (zones.size < (network.zonesMin ?? 2)) return refuse(invalidParameter("Subnets specified must be in at least two different AZs"));
  return ok({ subnetIds, vpcId: vpcId ?? "" });
}

function groupsFault(ids: readonly string[], vpcId: string, { network }: EksCall): EksError | undefined {
  for (const id of ids) {
    const group = network.securityGroup(id);
    if (group === undefined) return invalidParameter(`The security group '${id}' does not exist`);
    if (group.vpcId !== vpcId)
      return invalidParameter(`Security group ${id} does not belong to the VPC of the cluster's subnets, ${vpcId}`);
  }
  return undefined;
}

/** The endpoint can be public, private or both; never neither. */
function withAccess(config: VpcConfig, input: VpcConfigInput): EksResult<VpcConfig> {
  const endpointPublicAccess = input.endpointPublicAccess ?? config.endpointPublicAccess;
  const endpointPrivateAccess = input.endpointPrivateAccess ?? config.endpointPrivateAccess;
  if (!endpointPublicAccess && !endpointPrivateAccess) {
    return refuse(invalidParameter("Private and public endpoint access cannot both be disabled"));
  }
  const wanted = input.publicAccessCidrs;
  if (wanted !== undefined && wanted.length > 0 && !endpointPublicAccess) {
    return refuse(invalidParameter("Public access CIDRs can only be set while public endpoint access is enabled"));
  }
  const odd = wanted?.find((cidr) => parseCidr4(cidr) === undefined);
  if (odd !== undefined) return refuse(invalidParameter(`The following CIDRs are invalid in publicAccessCidrs: [${odd}]`));
  const kept = config.publicAccessCidrs.length > 0 ? config.publicAccessCidrs : [EVERYWHERE];
  const publicAccessCidrs = !endpointPublicAccess ? [] : wanted === undefined || wanted.length === 0 ? kept : [...new Set(wanted)];
  return ok({ ...config, endpointPublicAccess, endpointPrivateAccess, publicAccessCidrs });
}
