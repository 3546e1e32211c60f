import type { EniId, Ipv4, Ipv6, SubnetId } from "@slash28/address";
import type { Eni } from "../enis/eni.ts";
import { ownTableOf } from "../routing/route-actions.ts";
import { asSubnet } from "../subnets/subnet-actions.ts";
import type { CloudView } from "./cloud.ts";
import { isTargetThere } from "../routing/route-state.ts";
import { asEni, type State } from "./state.ts";

export function viewOf(state: State): CloudView {
  const eniBy = (id: EniId): Eni | undefined => {
    const record = state.enis.get(id);
    return record === undefined ? undefined : asEni(state, record);
  };
  return {
    vpc: (id) => state.vpcs.get(id),
    subnet: (id) => {
      const record = state.subnets.get(id);
      return record === undefined ? undefined : asSubnet(state, record);
    },
    subnetUsage: (id) => state.addresses.get(id)?.usage(),
    eni: eniBy,
    enis: () => Array.from(state.enis.values(), (record) => asEni(state, record)),
    instance: (id) => state.instances.get(id),
    instances: () => [...state.instances.values()],
    attachedEnis: (id) => (state.instances.get(id)?.enis ?? []).flatMap((eniId) => eniBy(eniId) ?? []),
    securityGroup: (id) => state.groups.get(id),
    routeTables: () => [...state.routeTables.values()],
    routeTableOf: (id) => {
      const subnet = state.subnets.get(id);
      const vpc = subnet === undefined ? undefined : state.vpcs.get(subnet.vpcId);
      return ownTableOf(state, id) ?? (vpc === undefined ? undefined : state.routeTables.get(vpc.mainRouteTableId));
    },
    internetGatewayOf: (id) => state.gateways.where((gateway) => gateway.vpcId === id)[0],
    egressOnlyGatewaysOf: (id) => state.egressOnlyGateways.where((gateway) => gateway.vpcId === id),
    natGateway: (id) => state.natGateways.get(id),
    natGateways: () => [...state.natGateways.values()],
    isTargetThere: (vpcId, target) => isTargetThere(state, vpcId, target),
    elasticAddressesOf: (id) => state.elasticAddresses.where(({ association }) => association?.eniId === id),
    trunkAssociations: () => [...state.trunkAssociations.values()],
    vpcs: () => [...state.vpcs.values()],
    ownerOf: (vpcId, address) => {
      for (const subnet of state.subnets.values()) {
        const owner = subnet.vpcId === vpcId ? holderIn(state, subnet.id, address) : undefined;
        if (owner !== undefined) return eniBy(owner);
      }
      return undefined;
    },
  };
}

function holderIn(state: State, subnetId: SubnetId, address: Ipv4 | Ipv6): EniId | undefined {
  if (typeof address === "bigint") return state.ipv6Addresses.get(subnetId)?.ownerOf(address);
  return state.addresses.get(subnetId)?.ownerOf(address);
}
