import * as assigning from "../enis/assign-actions.ts";
import * as attaching from "../enis/attach-actions.ts";
import * as enis from "../enis/eni-actions.ts";
import * as ipv6 from "../enis/ipv6-actions.ts";
import { modifyEni } from "../enis/modify-actions.ts";
import * as serviceEnis from "../enis/service-eni-actions.ts";
import { wouldSucceed } from "../errors.ts";
import { runInstances } from "../instances/run-instances.ts";
import * as instances from "../instances/state-actions.ts";
import { describeInstances } from "../instances/visible-instances.ts";
import * as templates from "../launch-templates/template-actions.ts";
import * as templateVersions from "../launch-templates/version-actions.ts";
import * as nats from "../nat-gateways/nat-actions.ts";
import * as elastic from "../public-addresses/elastic-actions.ts";
import { raiseQuota } from "../quotas/quotas.ts";
import { ok, refuse, type Call, type Ec2Result } from "../result.ts";
import * as egressOnly from "../routing/egress-only-actions.ts";
import * as gateways from "../routing/gateway-actions.ts";
import * as routes from "../routing/route-actions.ts";
import * as groups from "../security-groups/group-actions.ts";
import * as modifying from "../security-groups/modify-rule-actions.ts";
import * as rules from "../security-groups/rule-actions.ts";
import * as subnetCidrs from "../subnets/ipv6-cidr-actions.ts";
import * as reservations from "../subnets/reservation-actions.ts";
import * as subnets from "../subnets/subnet-actions.ts";
import { createTags, deleteTags, describeTags } from "../tags/tag-actions.ts";
import * as permissions from "../trunks/permission-actions.ts";
import * as trunks from "../trunks/trunk-actions.ts";
import * as blocks from "../vpcs/cidr-actions.ts";
import * as vpcs from "../vpcs/vpc-actions.ts";
import type { Action, Cloud, CloudActions, CloudChange, EniActions, PublicAddressActions, QuotaActions } from "./cloud.ts";
import type { CloudOptions } from "./options.ts";
import { emptyState, type Decide } from "./state.ts";
import { viewOf } from "./view.ts";

/** An empty account: no VPC, no default VPC either. */
export function createCloud(options: CloudOptions): Cloud {
  const state = emptyState(options);
  const listeners = new Set<(change: CloudChange) => void>();
  let revision = 0;

  function carryOut<I, O>(action: keyof CloudActions, decide: Decide<I, O>, input: I, call: Call): Ec2Result<O> {
    const decision = decide(state, input, call);
    if (!decision.ok) return decision;
    if (call.dryRun === true) return refuse(wouldSucceed);
    const value = decision.value();
    if (state.touched.length > 0) publish(action);
    return ok(value);
  }

  function publish(action: keyof CloudActions): void {
    revision++;
    const change = listeners.size === 0 ? undefined : { revision, action, touched: [...new Set(state.touched)] };
    state.touched.length = 0;
    if (change !== undefined) for (const listener of listeners) listener(change);
  }

  const bind =
    <I, O>(action: keyof CloudActions, decide: Decide<I, O>): Action<I, O> =>
    (input, call) =>
      carryOut(action, decide, input, call);

  return {
    region: state.region,
    accountId: state.accountId,
    zones: state.zones,
    get quotas() {
      return state.quotas;
    },
    view: viewOf(state),
    get revision() {
      return revision;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ...bindAll(bind),
  };
}

type Bind = <I, O>(action: keyof CloudActions, decide: Decide<I, O>) => Action<I, O>;

function bindAll(bind: Bind): CloudActions {
  return {
    createVpc: bind("createVpc", vpcs.createVpc),
    deleteVpc: bind("deleteVpc", vpcs.deleteVpc),
    describeVpcs: bind("describeVpcs", vpcs.describeVpcs),
    modifyVpc: bind("modifyVpc", vpcs.modifyVpc),
    associateVpcCidr: bind("associateVpcCidr", blocks.associateVpcCidr),
    associateVpcIpv6Cidr: bind("associateVpcIpv6Cidr", blocks.associateVpcIpv6Cidr),
    disassociateVpcCidr: bind("disassociateVpcCidr", blocks.disassociateVpcCidr),
    createSubnet: bind("createSubnet", subnets.createSubnet),
    deleteSubnet: bind("deleteSubnet", subnets.deleteSubnet),
    describeSubnets: bind("describeSubnets", subnets.describeSubnets),
    modifySubnet: bind("modifySubnet", subnets.modifySubnet),
    associateSubnetCidr: bind("associateSubnetCidr", subnetCidrs.associateSubnetCidr),
    disassociateSubnetCidr: bind("disassociateSubnetCidr", subnetCidrs.disassociateSubnetCidr),
    createCidrReservation: bind("createCidrReservation", reservations.createCidrReservation),
    deleteCidrReservation: bind("deleteCidrReservation", reservations.deleteCidrReservation),
    describeCidrReservations: bind("describeCidrReservations", reservations.describeCidrReservations),
    ...bindEnis(bind),
    runInstances: bind("runInstances", runInstances),
    terminateInstances: bind("terminateInstances", instances.terminateInstances),
    stopInstances: bind("stopInstances", instances.stopInstances),
    startInstances: bind("startInstances", instances.startInstances),
    describeInstances: bind("describeInstances", describeInstances),
    modifyMetadataOptions: bind("modifyMetadataOptions", instances.modifyMetadataOptions),
    settleInstance: bind("settleInstance", instances.settleInstance),
    ...bindNeighbours(bind),
  };
}

function bindEnis(bind: Bind): EniActions {
  return {
    createEni: bind("createEni", enis.createEni),
    deleteEni: bind("deleteEni", enis.deleteEni),
    describeEnis: bind("describeEnis", enis.describeEnis),
    modifyEni: bind("modifyEni", modifyEni),
    attachEni: bind("attachEni", attaching.attachEni),
    detachEni: bind("detachEni", attaching.detachEni),
    assignAddresses: bind("assignAddresses", assigning.assignAddresses),
    unassignAddresses: bind("unassignAddresses", assigning.unassignAddresses),
    assignIpv6Addresses: bind("assignIpv6Addresses", ipv6.assignIpv6Addresses),
    unassignIpv6Addresses: bind("unassignIpv6Addresses", ipv6.unassignIpv6Addresses),
    settleAttachment: bind("settleAttachment", attaching.settleAttachment),
    createServiceEni: bind("createServiceEni", serviceEnis.createServiceEni),
    deleteServiceEni: bind("deleteServiceEni", serviceEnis.deleteServiceEni),
    associateTrunk: bind("associateTrunk", trunks.associateTrunk),
    disassociateTrunk: bind("disassociateTrunk", trunks.disassociateTrunk),
    describeTrunkAssociations: bind("describeTrunkAssociations", trunks.describeTrunkAssociations),
    createEniPermission: bind("createEniPermission", permissions.createEniPermission),
    deleteEniPermission: bind("deleteEniPermission", permissions.deleteEniPermission),
    describeEniPermissions: bind("describeEniPermissions", permissions.describeEniPermissions),
  };
}

function bindPublicAddresses(bind: Bind): PublicAddressActions & QuotaActions {
  return {
    allocateAddress: bind("allocateAddress", elastic.allocateAddress),
    releaseAddress: bind("releaseAddress", elastic.releaseAddress),
    associateAddress: bind("associateAddress", elastic.associateAddress),
    disassociateAddress: bind("disassociateAddress", elastic.disassociateAddress),
    describeAddresses: bind("describeAddresses", elastic.describeAddresses),
    createNatGateway: bind("createNatGateway", nats.createNatGateway),
    deleteNatGateway: bind("deleteNatGateway", nats.deleteNatGateway),
    describeNatGateways: bind("describeNatGateways", nats.describeNatGateways),
    settleNatGateway: bind("settleNatGateway", nats.settleNatGateway),
    raiseQuota: bind("raiseQuota", raiseQuota),
  };
}

/** What stands around instances: groups, routes, gateways, tags. */
function bindNeighbours(bind: Bind) {
  return {
    createSecurityGroup: bind("createSecurityGroup", groups.createSecurityGroup),
    deleteSecurityGroup: bind("deleteSecurityGroup", groups.deleteSecurityGroup),
    describeSecurityGroups: bind("describeSecurityGroups", groups.describeSecurityGroups),
    authorizeRules: bind("authorizeRules", rules.authorizeRules),
    revokeRules: bind("revokeRules", rules.revokeRules),
    modifyRules: bind("modifyRules", modifying.modifyRules),
    changeRuleDescriptions: bind("changeRuleDescriptions", modifying.changeRuleDescriptions),
    createRouteTable: bind("createRouteTable", routes.createRouteTable),
    deleteRouteTable: bind("deleteRouteTable", routes.deleteRouteTable),
    describeRouteTables: bind("describeRouteTables", routes.describeRouteTables),
    createRoute: bind("createRoute", routes.createRoute),
    replaceRoute: bind("replaceRoute", routes.replaceRoute),
    deleteRoute: bind("deleteRoute", routes.deleteRoute),
    associateRouteTable: bind("associateRouteTable", routes.associateRouteTable),
    disassociateRouteTable: bind("disassociateRouteTable", routes.disassociateRouteTable),
    replaceRouteTableAssociation: bind("replaceRouteTableAssociation", routes.replaceRouteTableAssociation),
    createEgressOnlyGateway: bind("createEgressOnlyGateway", egressOnly.createEgressOnlyGateway),
    deleteEgressOnlyGateway: bind("deleteEgressOnlyGateway", egressOnly.deleteEgressOnlyGateway),
    describeEgressOnlyGateways: bind("describeEgressOnlyGateways", egressOnly.describeEgressOnlyGateways),
    createInternetGateway: bind("createInternetGateway", gateways.createInternetGateway),
    deleteInternetGateway: bind("deleteInternetGateway", gateways.deleteInternetGateway),
    describeInternetGateways: bind("describeInternetGateways", gateways.describeInternetGateways),
    attachInternetGateway: bind("attachInternetGateway", gateways.attachInternetGateway),
    detachInternetGateway: bind("detachInternetGateway", gateways.detachInternetGateway),
    createLaunchTemplate: bind("createLaunchTemplate", templates.createLaunchTemplate),
    createLaunchTemplateVersion: bind("createLaunchTemplateVersion", templates.createLaunchTemplateVersion),
    describeLaunchTemplates: bind("describeLaunchTemplates", templates.describeLaunchTemplates),
    describeLaunchTemplateVersions: bind("describeLaunchTemplateVersions", templateVersions.describeLaunchTemplateVersions),
    modifyLaunchTemplate: bind("modifyLaunchTemplate", templates.modifyLaunchTemplate),
    deleteLaunchTemplate: bind("deleteLaunchTemplate", templates.deleteLaunchTemplate),
    deleteLaunchTemplateVersions: bind("deleteLaunchTemplateVersions", templateVersions.deleteLaunchTemplateVersions),
    ...bindPublicAddresses(bind),
    createTags: bind("createTags", createTags),
    deleteTags: bind("deleteTags", deleteTags),
    describeTags: bind("describeTags", describeTags),
  };
}
