import { cidr4 } from "@slash28/address";
import type { ClusterSubnet } from "@slash28/cluster-file";
import type { FleetSubnet } from "../fleet-input.ts";

/** A subnet of a file as a run has it. One without a name is called after its zone and range. */
export function fleetSubnet(subnet: ClusterSubnet): FleetSubnet {
  const { name, zone, cidr, reservations, otherTenants, tags } = subnet;
  return {
    name: name ?? `${zone} ${cidr}`,
    zone,
    cidr: cidr4(cidr),
    isForNodes: subnet.for === "nodes",
    tags,
    ...(reservations === undefined
      ? {}
      : { reservations: reservations.map(({ cidr: range, type }) => ({ cidr: cidr4(range), kind: type })) }),
    ...(otherTenants === undefined ? {} : { otherTenants }),
  };
}
