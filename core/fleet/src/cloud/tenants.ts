import { cidr4Has, cidr4Size, offsetIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import type { Random } from "@slash28/simulation";
import type { Cloud } from "@slash28/vpc";
import type { FleetSubnet } from "../fleet-input.ts";
import type { SubnetOfRun } from "./fleet-subnet.ts";

/** Slots of an ENI that is attached to nothing, its primary address among them. */
const SLOTS = 50;
/** EC2 keeps the first four addresses of a subnet and the last. */
const FIRST = 4;

/** The addresses that a subnet's other tenants have: packed from its start, or anywhere in it. None of a reservation. */
export function placesOfTenants({ name, cidr, reservations = [], otherTenants }: FleetSubnet, random: Random): readonly Ipv4[] {
  if (otherTenants === undefined) return [];
  const all: Ipv4[] = [];
  for (let offset = FIRST; offset < cidr4Size(cidr) - 1; offset++) {
    const address = offsetIpv4(cidr.base, offset);
    if (!reservations.some((reservation) => cidr4Has(reservation.cidr, address))) all.push(address);
  }
  const { addresses: count, placement } = otherTenants;
  if (count > all.length) throw new RangeError(`subnet ${name} has ${all.length} addresses, fewer than its ${count} other tenants need`);
  if (placement === "scattered") {
    for (let i = 0; i < count; i++) {
      const other = random.between(i, all.length - 1);
      [all[i], all[other]] = [all[other] as Ipv4, all[i] as Ipv4];
    }
  }
  return all.slice(0, count).sort((a, b) => a - b);
}

/** Puts addresses and prefixes of other tenants into a subnet, on as few ENIs as hold them; answers how many. */
export function putTenants(
  cloud: Cloud,
  subnet: SubnetOfRun,
  held: { readonly addresses: readonly Ipv4[]; readonly prefixes: readonly Cidr4[] },
  now: number,
): number {
  const { addresses, prefixes } = held;
  const spares = prefixes.length === 0 ? 0 : Math.ceil(prefixes.length / (SLOTS - 1));
  if (spares > addresses.length)
    throw new RangeError(`subnet ${subnet.spec.name}: prefixes of others need an ENI with an address beside them`);
  const forPrefixes = addresses.slice(0, spares);
  const singles = addresses.slice(spares);
  let enis = 0;
  for (let from = 0; from < singles.length; from += SLOTS, enis++) {
    const [primaryAddress, ...secondary] = singles.slice(from, from + SLOTS);
    create(cloud, subnet, { primaryAddress, carry: secondary.length === 0 ? {} : { addresses: secondary } }, now);
  }
  for (const [index, primaryAddress] of forPrefixes.entries()) {
    const own = prefixes.slice(index * (SLOTS - 1), (index + 1) * (SLOTS - 1));
    create(cloud, subnet, { primaryAddress, carry: { prefixes: own } }, now);
    enis++;
  }
  for (const address of addresses) subnet.map.countOther(address);
  for (const prefix of prefixes) subnet.map.countOtherPrefix(prefix);
  subnet.otherTenants += addresses.length + 16 * prefixes.length;
  return enis;
}

interface TenantEni {
  readonly primaryAddress: Ipv4 | undefined;
  readonly carry: { readonly addresses?: readonly Ipv4[]; readonly prefixes?: readonly Cidr4[] };
}

function create(cloud: Cloud, subnet: SubnetOfRun, { primaryAddress, carry }: TenantEni, now: number): void {
  if (primaryAddress === undefined) return;
  const made = cloud.createEni({ subnetId: subnet.id, primaryAddress, carry, description: "another tenant" }, { now });
  if (!made.ok) throw new RangeError(`subnet ${subnet.spec.name}: ${made.error.message}`);
}
