import { cidr4, cidr6Has, formatCidr6, offsetIpv6, type Cidr6, type EniId, type Ipv6 } from "@slash28/address";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Cloud, Ipv6Carry, Subnet } from "../src/index.ts";
import { aCloud, at, must, snapshot } from "./a-cloud.ts";

const arbStep = fc.record({
  do: fc.constantFrom("create", "assign", "unassign", "delete", "reserve", "unreserve", "nat", "end-nat", "service"),
  how: fc.nat({ max: 4 }),
  n: fc.nat({ max: 3 }),
  pick: fc.nat(),
  // Near the start, where everybody looks first, or anywhere.
  offset: fc.oneof(fc.bigInt({ min: 0n, max: 12n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
});
type Step = typeof arbStep extends fc.Arbitrary<infer T> ? T : never;

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];

function carryOf({ how, n, offset }: Step, range: Cidr6): Ipv6Carry {
  const address = offsetIpv6(range.base, offset);
  const block = { base: ((address >> 48n) << 48n) as Ipv6, length: 80 };
  return [{ addressCount: n }, { prefixCount: n }, { addresses: [address] }, { prefixes: [block] }, { addressCount: n, prefixCount: n }][
    how
  ]!;
}

function run(cloud: Cloud, subnet: Subnet, step: Step): { readonly ok: boolean } | undefined {
  const range = subnet.ipv6Cidr!.cidr;
  const enis = cloud.view.enis();
  const eni = pick(enis, step.pick);
  switch (step.do) {
    case "create":
      return cloud.createEni({ subnetId: subnet.id, ipv6: carryOf(step, range), carry: { addressCount: 1 + step.n } }, at);
    case "service":
      return cloud.createServiceEni(
        {
          subnetId: subnet.id,
          kind: "interface",
          description: "ELB app/a/1",
          requesterId: "amazon-elb",
          attachmentOwner: "amazon-elb",
          hasIpv6: true,
        },
        at,
      );
    case "assign":
      return eni === undefined ? undefined : cloud.assignIpv6Addresses({ eniId: eni.id, carry: carryOf(step, range) }, at);
    case "unassign":
      return eni === undefined
        ? undefined
        : cloud.unassignIpv6Addresses({ eniId: eni.id, addresses: eni.ipv6Addresses.slice(0, step.n) }, at);
    case "delete":
      return eni === undefined ? undefined : cloud.deleteEni({ eniId: eni.id }, at);
    case "reserve": {
      const base = offsetIpv6(range.base, (step.offset >> 52n) << 52n);
      return cloud.createCidrReservation(
        { subnetId: subnet.id, cidr: { base, length: 76 }, type: step.n % 2 === 0 ? "prefix" : "explicit" },
        at,
      );
    }
    case "unreserve": {
      const row = pick(must(cloud.describeCidrReservations({ subnetId: subnet.id }, at)), step.pick);
      return row === undefined ? undefined : cloud.deleteCidrReservation({ reservationId: row.id }, at);
    }
    case "nat":
      return cloud.createNatGateway({ subnetId: subnet.id, connectivity: "private" }, at);
    case "end-nat": {
      const nat = pick(must(cloud.describeNatGateways({}, at)), step.pick);
      return nat === undefined ? undefined : cloud.deleteNatGateway({ natGatewayId: nat.id }, at);
    }
    default:
      return step.do satisfies never;
  }
}

/** No address of either family has two holders; none is AWS's own; counts are what is left. */
function checkHolders(cloud: Cloud, subnet: Subnet): void {
  const range = subnet.ipv6Cidr!.cidr;
  const single = new Map<Ipv6, EniId>();
  const blocks = new Map<string, EniId>();
  const ipv4 = new Set<number>();
  for (const eni of cloud.view.enis()) {
    for (const address of [eni.primaryAddress, ...eni.secondaryAddresses]) {
      expect(ipv4.has(address), "an IPv4 address with two holders").toBe(false);
      ipv4.add(address);
    }
    for (const address of eni.ipv6Addresses) {
      expect(single.has(address), "an IPv6 address with two holders").toBe(false);
      expect(cidr6Has(range, address)).toBe(true);
      const offset = address - range.base;
      expect(offset >= 4n && offset < (1n << 64n) - 1n, "an address of AWS's own").toBe(true);
      single.set(address, eni.id);
    }
    for (const prefix of eni.ipv6Prefixes) {
      expect(blocks.has(formatCidr6(prefix)), "a prefix with two holders").toBe(false);
      blocks.set(formatCidr6(prefix), eni.id);
      expect(cloud.view.ownerOf(subnet.vpcId, offsetIpv6(prefix.base, 99n))?.id).toBe(eni.id);
    }
  }
  for (const [address, holder] of single) {
    expect(blocks.has(formatCidr6({ base: ((address >> 48n) << 48n) as Ipv6, length: 80 })), "an address inside a prefix").toBe(false);
    expect(cloud.view.ownerOf(subnet.vpcId, address)?.id).toBe(holder);
  }
  const free = cloud.view.subnet(subnet.id)!.freeAddresses;
  const setAside = cloud.view.subnetUsage(subnet.id)!.setAside;
  expect(free).toBe(256 - 5 - ipv4.size - setAside);
  expect(free).toBeGreaterThanOrEqual(0);
}

test.each(["lowest", "scatter"] as const)(
  "over IPv4, IPv6, reservations, NAT gateways and other services' ENIs (picking %s) no address is held twice, and refusals change nothing",
  (how) => {
    fc.assert(
      fc.property(fc.array(arbStep, { maxLength: 40, size: "max" }), fc.nat(), (steps, seed) => {
        const cloud = aCloud({ seed, pick: how, quotas: { enis: 40 } });
        const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16"), hasIpv6: true }, at));
        const ipv6Cidr = { ...vpc.ipv6Cidrs[0]!.cidr, length: 64 };
        const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/24"), ipv6Cidr }, at));
        for (const step of steps) {
          const before = snapshot(cloud);
          const result = run(cloud, subnet, step);
          if (result?.ok === false) expect(snapshot(cloud)).toBe(before);
          checkHolders(cloud, subnet);
        }
        for (const nat of must(cloud.describeNatGateways({}, at))) must(cloud.deleteNatGateway({ natGatewayId: nat.id }, at));
        for (const eni of cloud.view.enis()) {
          must(eni.requester === undefined ? cloud.deleteEni({ eniId: eni.id }, at) : cloud.deleteServiceEni({ eniId: eni.id }, at));
        }
        for (const { id } of must(cloud.describeCidrReservations({ subnetId: subnet.id }, at))) {
          must(cloud.deleteCidrReservation({ reservationId: id }, at));
        }
        expect(cloud.view.subnet(subnet.id)!.freeAddresses).toBe(251);
        must(cloud.disassociateSubnetCidr({ associationId: subnet.ipv6Cidr!.id }, at));
      }),
      { numRuns: 60 },
    );
  },
);
