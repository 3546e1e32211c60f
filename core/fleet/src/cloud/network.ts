import { cidr4Contains, formatCidr4, offsetIpv6, type Cidr4, type Cidr6, type Ipv4, type SubnetId, type VpcId } from "@slash28/address";
import { createRandom } from "@slash28/simulation";
import { createCloud, QUOTAS, type Cloud, type Ec2Result } from "@slash28/vpc";
import type { FleetInput, FleetSubnet } from "../fleet-input.ts";
import { SubnetOfRun } from "./fleet-subnet.ts";
import { ListedSubnets } from "./listed-subnets.ts";
import { placesOfTenants, putTenants } from "./tenants.ts";

/** Tenants' ENIs come on top of what the input says the account may have. */
const ROOM_FOR_TENANTS = 1_000_000;

/** The account's VPC with its subnets. */
export class Network {
  readonly cloud: Cloud;
  readonly vpcId: VpcId;
  readonly #input: FleetInput;
  readonly #hasIpv6: boolean;
  readonly #byName = new Map<string, SubnetOfRun>();
  readonly #byId = new Map<SubnetId, SubnetOfRun>();
  readonly #byZone = new Map<string, readonly SubnetOfRun[]>();
  #tenantEnis = 0;
  #eniQuota: number;

  constructor(input: FleetInput) {
    this.#input = input;
    this.#eniQuota = input.ec2.eniQuota;
    const [first, ...others] = input.vpcCidrs;
    if (first === undefined) throw new RangeError("a fleet needs a VPC with a CIDR range");
    this.cloud = createCloud({
      region: input.region,
      accountId: "111122223333",
      zones: zonesOf(input).map((name, index) => ({ name, id: `az${index + 1}` })),
      seed: input.seed,
      pick: "scatter",
      settle: "by-caller",
      quotas: {
        enis: ROOM_FOR_TENANTS,
        cidrsPerVpc: Math.max(QUOTAS.cidrsPerVpc.defaultValue, input.vpcCidrs.length + input.changes.length),
      },
    });
    this.#hasIpv6 = input.ipFamily === "ipv6";
    this.vpcId = demand(this.cloud.createVpc({ cidr: first, hasIpv6: this.#hasIpv6 }, START)).id;
    for (const cidr of others) this.#associate(cidr, 0);
    for (const subnet of input.subnets) this.add(subnet, 0);
  }

  /** In order of their coming. */
  get subnets(): readonly SubnetOfRun[] {
    return [...this.#byName.values()];
  }

  byName(name: string): SubnetOfRun {
    const subnet = this.#byName.get(name);
    if (subnet === undefined) throw new RangeError(`there is no subnet ${name}`);
    return subnet;
  }

  byId(id: SubnetId): SubnetOfRun {
    const subnet = this.#byId.get(id);
    if (subnet === undefined) throw new Error(`${id} is no subnet of the fleet`);
    return subnet;
  }

  /** A subnet more, with its reservations and tenants; the VPC gets the range too where it has it not. */
  add(spec: FleetSubnet, now: number, vpcCidr?: Cidr4): void {
    if (this.#byName.has(spec.name)) throw new RangeError(`subnet ${spec.name} stands twice`);
    if (vpcCidr !== undefined && !this.#hasRange(vpcCidr)) this.#associate(vpcCidr, now);
    const { cidr: range, zone, tags = {} } = spec;
    const ipv6Cidr = this.#nextIpv6Range();
    const ranges = { cidr: range, ...(ipv6Cidr === undefined ? {} : { ipv6Cidr }) };
    const { id } = demand(this.cloud.createSubnet({ vpcId: this.vpcId, ...ranges, zone, tags }, { now }));
    // EKS wants it so: each node has an IPv6 address of its own.
    if (ipv6Cidr !== undefined) demand(this.cloud.modifySubnet({ subnetId: id, hasIpv6AddressOnCreation: true }, { now }));
    for (const { cidr, kind } of spec.reservations ?? []) {
      demand(this.cloud.createCidrReservation({ subnetId: id, cidr, type: kind }, { now }));
    }
    const subnet = new SubnetOfRun(spec, id, ipv6Cidr);
    this.#byZone.clear();
    this.#byName.set(spec.name, subnet);
    this.#byId.set(id, subnet);
    const random = createRandom("tenants", spec.name, this.#input.seed);
    this.occupy(subnet, { addresses: placesOfTenants(spec, random), prefixes: [] }, now);
  }

  /** Addresses and prefixes of a subnet that are somebody else's from now on. */
  occupy(subnet: SubnetOfRun, held: { readonly addresses: readonly Ipv4[]; readonly prefixes: readonly Cidr4[] }, now: number): void {
    this.#tenantEnis += putTenants(this.cloud, subnet, held, now);
    this.raiseEniQuota(this.#eniQuota, now);
    this.noteUse(subnet, now);
  }

  /** The account may have so many network interfaces; those of others than the fleet are not counted. */
  raiseEniQuota(eniQuota: number, now: number): void {
    this.#eniQuota = eniQuota;
    demand(this.cloud.raiseQuota({ quota: "enis", value: eniQuota + this.#tenantEnis }, { now }));
  }

  /** Takes note of how full a subnet is, after something changed in it. */
  noteUse(subnet: SubnetOfRun, now: number): void {
    subnet.used.set(subnet.usable - this.freeIn(subnet), now);
  }

  /** Free addresses as EC2 counts them, and those set aside for prefixes. */
  freeIn(subnet: SubnetOfRun): number {
    const usage = this.cloud.view.subnetUsage(subnet.id);
    return usage === undefined ? 0 : usage.free + usage.setAside;
  }

  /** What `DescribeSubnets` tells of the subnets of a zone. */
  describe(zone: string): ListedSubnets {
    const subnets = this.#inZone(zone);
    return new ListedSubnets(
      subnets,
      subnets.map(({ id }) => this.cloud.view.subnetUsage(id)?.free ?? 0),
    );
  }

  /** The same list for all that ask, until a subnet comes. */
  #inZone(zone: string): readonly SubnetOfRun[] {
    const known = this.#byZone.get(zone);
    if (known !== undefined) return known;
    const subnets = this.subnets.filter(({ spec }) => spec.zone === zone);
    this.#byZone.set(zone, subnets);
    return subnets;
  }

  /** A /64 of the VPC's /56 for each subnet, in order of their coming. */
  #nextIpv6Range(): Cidr6 | undefined {
    const block = this.cloud.view.vpc(this.vpcId)?.ipv6Cidrs[0]?.cidr;
    return block === undefined ? undefined : { base: offsetIpv6(block.base, BigInt(this.#byName.size) << 64n), length: 64 };
  }

  #hasRange(cidr: Cidr4): boolean {
    return this.cloud.view.vpc(this.vpcId)?.cidrs.some((block) => cidr4Contains(block.cidr, cidr)) === true;
  }

  #associate(cidr: Cidr4, now: number): void {
    demand(this.cloud.associateVpcCidr({ vpcId: this.vpcId, cidr }, { now }), formatCidr4(cidr));
  }
}

const START = { now: 0 };

function zonesOf(input: FleetInput): readonly string[] {
  const added = input.changes.flatMap((change) => (change.kind === "add-subnet" ? [change.subnet.zone] : []));
  return [...new Set([...input.subnets.map(({ zone }) => zone), ...added])];
}

/** What the model must not refuse: the input was wrong where it does. */
export function demand<T>(result: Ec2Result<T>, about = ""): T {
  if (result.ok) return result.value;
  throw new RangeError(`${result.error.code}: ${result.error.message}${about === "" ? "" : ` (${about})`}`);
}
