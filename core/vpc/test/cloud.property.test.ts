import { cidr4, cidr4Has, ipv4, isCidr4, offsetIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  recordCalls,
  replayCalls,
  type Carry,
  type Cloud,
  type CloudOptions,
  type Ec2Result,
  type Eni,
  type LoggedCall,
  type Subnet,
} from "../src/index.ts";
import { aCloud, at, must, snapshot } from "./a-cloud.ts";

const ENIS_MAX = 30;
const TYPES = { "m5.large": [3, 10], "t3.medium": [3, 6] } as const;
const SUBNETS = ["10.0.0.0/26", "10.0.1.0/25"] as const;

/** One call, told by small numbers that pick among what exists when it runs; some picks miss on purpose. */
const arbCall = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("create" as const),
      subnet: fc.nat({ max: 1 }),
      carry: fc.nat({ max: 6 }),
      n: fc.nat({ max: 12 }),
      host: fc.nat({ max: 140 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("assign" as const),
      eni: fc.nat(),
      carry: fc.nat({ max: 6 }),
      n: fc.nat({ max: 12 }),
      host: fc.nat({ max: 140 }),
      move: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("unassign" as const), eni: fc.nat(), some: fc.nat(), isWrong: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), eni: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      subnet: fc.nat({ max: 1 }),
      type: fc.constantFrom("m5.large", "t3.medium"),
      count: fc.integer({ min: 1, max: 6 }),
      carry: fc.nat({ max: 6 }),
      n: fc.nat({ max: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("attach" as const), eni: fc.nat(), instance: fc.nat(), index: fc.nat({ max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("detach" as const), eni: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("terminate" as const), instance: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("reserve" as const),
      subnet: fc.nat({ max: 1 }),
      host: fc.nat({ max: 127 }),
      length: fc.integer({ min: 27, max: 30 }),
      isPrefix: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unreserve" as const), reservation: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("settle" as const), eni: fc.nat(), instance: fc.nat() }) },
);
type Step = typeof arbCall extends fc.Arbitrary<infer T> ? T : never;

/** Ways to ask for addresses, right and wrong. */
function carryOf(kind: number, n: number, subnet: Cidr4, host: number): Carry {
  const address = offsetIpv4(subnet.base, host);
  switch (kind) {
    case 0:
      return {};
    case 1:
      return { addressCount: n };
    case 2:
      return { prefixCount: 1 + (n % 4) };
    case 3:
      return { addresses: [address] };
    case 4:
      return { addresses: [address, offsetIpv4(address, n)] };
    case 5:
      return { prefixes: [{ base: ((address & ~15) >>> 0) as Ipv4, length: 28 }] };
    default:
      return { addressCount: n, prefixCount: 1 };
  }
}

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];

function run(cloud: Cloud, subnets: readonly Subnet[], step: Step): Ec2Result<unknown> | undefined {
  const enis = cloud.view.enis();
  const instances = cloud.view.instances();
  switch (step.do) {
    case "create": {
      const subnet = subnets[step.subnet]!;
      return cloud.createEni({ subnetId: subnet.id, carry: carryOf(step.carry, step.n, subnet.cidr, step.host) }, at);
    }
    case "assign": {
      const eni = pick(enis, step.eni);
      if (eni === undefined) return undefined;
      const subnet = cloud.view.subnet(eni.subnetId)!;
      return cloud.assignAddresses(
        { eniId: eni.id, carry: carryOf(step.carry, step.n, subnet.cidr, step.host), mayReassign: step.move },
        at,
      );
    }
    case "unassign": {
      const eni = pick(enis, step.eni);
      if (eni === undefined) return undefined;
      if (step.isWrong) return cloud.unassignAddresses({ eniId: eni.id, addresses: [...eni.secondaryAddresses, ipv4("10.0.0.5")] }, at);
      const address = pick(eni.secondaryAddresses, step.some);
      const prefix = pick(eni.prefixes, step.some);
      return cloud.unassignAddresses(
        { eniId: eni.id, addresses: address === undefined ? [] : [address], prefixes: prefix === undefined ? [] : [prefix] },
        at,
      );
    }
    case "delete": {
      const eni = pick(enis, step.eni);
      return eni === undefined ? undefined : cloud.deleteEni({ eniId: eni.id }, at);
    }
    case "run": {
      const subnet = subnets[step.subnet]!;
      const carry = step.carry < 3 ? carryOf(step.carry, step.n, subnet.cidr, 0) : {};
      const enis = [{ kind: "new", deviceIndex: 0, subnetId: subnet.id, carry, hasPublicAddress: step.n % 2 === 0 } as const];
      return cloud.runInstances({ type: step.type, imageId: "ami-1", minCount: Math.ceil(step.count / 2), maxCount: step.count, enis }, at);
    }
    case "attach": {
      const eni = pick(enis, step.eni);
      const instance = pick(instances, step.instance);
      if (eni === undefined || instance === undefined) return undefined;
      return cloud.attachEni({ eniId: eni.id, instanceId: instance.id, deviceIndex: step.index }, at);
    }
    case "detach": {
      const attachment = pick(enis, step.eni)?.attachment;
      return attachment === undefined ? undefined : cloud.detachEni({ attachmentId: attachment.id }, at);
    }
    case "terminate": {
      const instance = pick(instances, step.instance);
      return instance === undefined ? undefined : cloud.terminateInstances({ instanceIds: [instance.id] }, at);
    }
    case "reserve": {
      const subnet = subnets[step.subnet]!;
      const size = 2 ** (32 - step.length);
      const base = offsetIpv4(subnet.cidr.base, step.host - (step.host % size));
      return cloud.createCidrReservation(
        { subnetId: subnet.id, cidr: { base, length: step.length }, type: step.isPrefix ? "prefix" : "explicit" },
        at,
      );
    }
    case "unreserve": {
      const all = subnets.flatMap(({ id }) => must(cloud.describeCidrReservations({ subnetId: id }, at)));
      const reservation = pick(all, step.reservation);
      return reservation === undefined ? undefined : cloud.deleteCidrReservation({ reservationId: reservation.id }, at);
    }
    case "settle": {
      const attachment = pick(enis, step.eni)?.attachment;
      const instance = pick(instances, step.instance);
      if (instance !== undefined) must(cloud.settleInstance({ instanceId: instance.id }, at));
      return attachment === undefined ? undefined : cloud.settleAttachment({ attachmentId: attachment.id }, at);
    }
    default:
      return step satisfies never;
  }
}

function held(eni: Eni): Ipv4[] {
  const inPrefixes = eni.prefixes.flatMap(({ base }) => Array.from({ length: 16 }, (_, i) => offsetIpv4(base, i)));
  return [eni.primaryAddress, ...eni.secondaryAddresses, ...inPrefixes];
}

/** Everything that must be true whatever was called, counted anew from what the cloud tells of its ENIs. */
function checkInvariants(cloud: Cloud, subnets: readonly Subnet[]): void {
  for (const { id, cidr, vpcId } of subnets) {
    const size = 2 ** (32 - cidr.length);
    const owners = new Map<Ipv4, Eni>();
    const enis = cloud.view.enis().filter((eni) => eni.subnetId === id);
    for (const eni of enis) {
      for (const address of held(eni)) {
        expect(owners.has(address), "two owners").toBe(false);
        expect(cidr4Has(cidr, address), "foreign address").toBe(true);
        owners.set(address, eni);
      }
    }
    const reservations = must(cloud.describeCidrReservations({ subnetId: id }, at)).flatMap(({ cidr: range, type }) =>
      isCidr4(range) ? [{ cidr: range, type }] : [],
    );
    const inPrefixReservation = (address: Ipv4) => reservations.some((row) => row.type === "prefix" && cidr4Has(row.cidr, address));
    const reservationOf = (address: Ipv4) => reservations.find((row) => cidr4Has(row.cidr, address))?.type;
    const all = Array.from({ length: size }, (_, i) => offsetIpv4(cidr.base, i));
    const isAws = (_: Ipv4, i: number) => i < 4 || i === size - 1;
    expect(
      all.filter(isAws).some((address) => owners.has(address)),
      "AWS's own address held",
    ).toBe(false);
    const unowned = all.filter((address, i) => !isAws(address, i) && !owners.has(address));
    const usage = cloud.view.subnetUsage(id)!;
    expect(usage.free).toBe(unowned.filter((address) => !inPrefixReservation(address)).length);
    expect(usage.setAside).toBe(unowned.filter(inPrefixReservation).length);
    expect(usage.total).toBe(usage.reservedByAws + usage.held + usage.inPrefixes + usage.setAside + usage.free);
    expect(usage.inPrefixes).toBe(16 * enis.reduce((sum, eni) => sum + eni.prefixes.length, 0));
    expect(cloud.view.subnet(id)?.freeAddresses).toBe(usage.free);
    const free = new Set(unowned);
    const whole = all.filter((address, i) => {
      if (i % 16 !== 0) return false;
      const block = Array.from({ length: 16 }, (_, step) => offsetIpv4(address, step));
      const kinds = new Set(block.map(reservationOf));
      return block.every((each) => free.has(each)) && kinds.size === 1 && !kinds.has("explicit");
    });
    expect(usage.freePrefixes).toBe(whole.length);
    for (const address of all) expect(cloud.view.ownerOf(vpcId, address)?.id).toBe(owners.get(address)?.id);
  }
  expect(cloud.view.enis().length).toBeLessThanOrEqual(ENIS_MAX);
  for (const eni of cloud.view.enis()) {
    expect(eni.status).toBe(eni.attachment === undefined ? "available" : "in-use");
    if (eni.attachment !== undefined) expect(cloud.view.instance(eni.attachment.instanceId)?.enis).toContain(eni.id);
  }
  for (const instance of cloud.view.instances()) checkInstance(cloud, instance.id);
}

function checkInstance(cloud: Cloud, id: Parameters<Cloud["view"]["instance"]>[0]): void {
  const instance = cloud.view.instance(id)!;
  const [enisMax, slotsMax] = TYPES[instance.type as keyof typeof TYPES];
  const enis = cloud.view.attachedEnis(id);
  expect(enis.length).toBeLessThanOrEqual(enisMax);
  expect(new Set(enis.map((eni) => eni.attachment?.deviceIndex)).size).toBe(enis.length);
  for (const eni of enis) {
    expect([eni.status, eni.attachment?.instanceId]).toEqual(["in-use", id]);
    expect(1 + eni.secondaryAddresses.length + eni.prefixes.length).toBeLessThanOrEqual(slotsMax);
  }
  if (instance.state === "terminated") expect(enis).toEqual([]);
  else expect(enis[0]?.primaryAddress).toBe(instance.privateAddress);
}

test.each(["lowest", "scatter"] as const)(
  "after any calls (picking %s) no address has two owners, counts add up, limits hold, refusals change nothing, and its log makes the same cloud again",
  (how) => {
    const arbRun = fc.record({ steps: fc.array(arbCall, { maxLength: 60, size: "max" }), seed: fc.nat(), settlesLater: fc.boolean() });
    fc.assert(
      fc.property(arbRun, ({ steps, seed, settlesLater }) => {
        const options: Partial<CloudOptions> = {
          seed,
          pick: how,
          settle: settlesLater ? "by-caller" : "at-once",
          quotas: { enis: ENIS_MAX },
        };
        const log: string[] = [];
        const cloud = recordCalls(aCloud(options), (call) => void log.push(JSON.stringify(call)));
        const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
        const subnets = SUBNETS.map((cidr) => must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4(cidr) }, at)));
        for (const step of steps) {
          const before = snapshot(cloud);
          const { revision } = cloud;
          const result = run(cloud, subnets, step);
          if (result?.ok === false) {
            expect(snapshot(cloud)).toBe(before);
            expect(cloud.revision).toBe(revision);
          }
        }
        checkInvariants(cloud, subnets);
        const again = aCloud(options);
        const calls = log.map((line) => JSON.parse(line) as LoggedCall);
        expect(replayCalls(again, calls)).toBeUndefined();
        expect(snapshot(again)).toBe(snapshot(cloud));
      }),
      { numRuns: 120 },
    );
  },
);

test("releasing everything restores the subnet exactly: the same picks come again", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ carry: fc.integer({ min: 0, max: 2 }), n: fc.integer({ min: 1, max: 8 }) }), { maxLength: 12 }),
      fc.nat(),
      (wishes, order) => {
        const cloud = aCloud();
        const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
        const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/24") }, at));
        const usage = cloud.view.subnetUsage(subnet.id);
        const fill = () =>
          wishes.map(({ carry, n }) => {
            const made = cloud.createEni({ subnetId: subnet.id, carry: carryOf(carry, n, subnet.cidr, 0) }, at);
            return made.ok ? made.value : undefined;
          });
        const first = fill();
        const rest = first.filter((eni) => eni !== undefined);
        while (rest.length > 0) {
          const [eni] = rest.splice(order % rest.length, 1);
          must(cloud.deleteEni({ eniId: eni!.id }, at));
        }
        expect(cloud.view.subnetUsage(subnet.id)).toEqual(usage);
        expect(fill().map((eni) => eni && held(eni))).toEqual(first.map((eni) => eni && held(eni)));
      },
    ),
    { numRuns: 60 },
  );
});
