import {
  cidr4Equal,
  cidr4Of,
  formatCidr4,
  offsetIpv4,
  type Cidr4,
  type Cidr6,
  type EniId,
  type InstanceId,
  type Ipv4,
  type Ipv6,
  type Mac,
} from "@slash28/address";
import { instanceLink, routerLink } from "./names.ts";
import type { FabricEni, Topology } from "./topology.ts";

/** The link between the router and one ENI, both ends. */
export interface EniLink {
  readonly eni: EniId;
  readonly instance: InstanceId;
  readonly routerEnd: string;
  readonly instanceEnd: string;
  readonly mac: Mac;
  /** A branch's: the trunk's link at the router, which carries it. Its other end is the instance's to make. */
  readonly vlan?: { readonly parent: string; readonly id: number };
  readonly primaryAddress: Ipv4;
  readonly ownedIpv6: readonly Cidr6[];
  readonly ipv6Address?: Ipv6;
  /** What the instance's own boot puts on its primary link, as DHCP would; other links come up bare and wait for the agent. */
  readonly boot?: { readonly address: Ipv4; readonly length: number; readonly gateway: Ipv4 };
}

/** The way to a range that an ENI owns. All but the primary address go by the primary one: nobody asks by ARP for the others, as in EC2. */
export interface EniRoute {
  readonly destination: Cidr4;
  readonly link: string;
  readonly gateway?: Ipv4;
}

/** What the router should have: links by the name of the router's end, routes by destination, and the subnets' gateways as its own. */
export interface RouterPlan {
  readonly links: ReadonlyMap<string, EniLink>;
  readonly routes: ReadonlyMap<string, EniRoute>;
  readonly gateways: readonly Ipv4[];
}

/** EC2's gateway of a subnet: its base plus one. Source: VPC user guide, "Subnet CIDR blocks". */
export function subnetGateway(subnet: Cidr4): Ipv4 {
  return offsetIpv4(subnet.base, 1);
}

export function planRouter(topology: Topology): RouterPlan {
  const links = new Map<string, EniLink>();
  const routes = new Map<string, EniRoute>();
  const gateways = new Map<number, Ipv4>();
  for (const instance of topology.instances) {
    for (const eni of instance.enis) {
      const link = eniLink(instance.id, eni);
      links.set(link.routerEnd, link);
      const primary = cidr4Of(eni.primaryAddress, 32);
      routes.set(formatCidr4(primary), { destination: primary, link: link.routerEnd });
      for (const destination of eni.owned) {
        if (!cidr4Equal(destination, primary))
          routes.set(formatCidr4(destination), { destination, link: link.routerEnd, gateway: eni.primaryAddress });
      }
      gateways.set(eni.subnet.base, subnetGateway(eni.subnet));
    }
  }
  return { links, routes, gateways: [...gateways.values()] };
}

function eniLink(instance: InstanceId, eni: FabricEni): EniLink {
  const isPrimary = eni.deviceIndex === 0 && eni.vlan === undefined;
  return {
    eni: eni.id,
    instance,
    routerEnd: routerLink(eni.id),
    instanceEnd: instanceLink(eni.deviceIndex),
    mac: eni.mac,
    ...(eni.vlan === undefined ? {} : { vlan: { parent: routerLink(eni.vlan.trunk), id: eni.vlan.id } }),
    primaryAddress: eni.primaryAddress,
    ownedIpv6: eni.ownedIpv6,
    ...(eni.ipv6Address === undefined ? {} : { ipv6Address: eni.ipv6Address }),
    ...(isPrimary ? { boot: { address: eni.primaryAddress, length: eni.subnet.length, gateway: subnetGateway(eni.subnet) } } : {}),
  };
}

/** The default route's destination. */
export const EVERYWHERE: Cidr4 = cidr4Of(0 as Ipv4, 0);
