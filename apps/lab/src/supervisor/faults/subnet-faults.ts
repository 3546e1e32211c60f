import { asId, cidr4Size, formatCidr4, offsetIpv4, type Cidr4, type EniId, type Ipv4, type SubnetId } from "@slash28/address";
import type { Cloud, CreateEniInput, Subnet } from "@slash28/vpc";
import type { Begun } from "./fault-book.ts";

/** Marks the ENIs a fault made: a lab that comes back from its saved state takes away those of the one before. */
export const FAULT_TAG = "slash28.dev/fault";

/** EC2 lets an unattached ENI carry no more than the largest type could; one of them is its primary address. */
const SECONDARY_MAX = 49;
const PREFIX_ADDRESSES = 16;

export interface SubnetFaultOptions {
  readonly cloud: Cloud;
  readonly now: () => number;
  /** Told after each change of the cloud. */
  readonly changed: () => void;
}

/** Takes the free addresses of a subnet, but for `leave`, as other users of the VPC would: on ENIs of their own. */
export function fillSubnet(options: SubnetFaultOptions, id: string, subnetId: string, leave: number): Begun {
  const subnet = subnetOf(options, subnetId);
  const made: EniId[] = [];
  const taken = withUndo(options, made, () => {
    let sum = 0;
    for (let free = subnet.freeAddresses - leave; free > 0; free = freeOf(options, subnet.id) - leave) {
      const addressCount = Math.min(SECONDARY_MAX, free - 1);
      take(options, made, id, { subnetId: subnet.id, ...(addressCount === 0 ? {} : { carry: { addressCount } }) });
      sum += addressCount + 1;
    }
    return sum;
  });
  const detail = `${taken} addresses of ${subnet.id} (${formatCidr4(subnet.cidr)}) taken by others, ${freeOf(options, subnet.id)} left`;
  return { detail, end: () => giveBack(options, made) };
}

/** Takes one address out of every /28 of a subnet that is wholly free: many free addresses are left, and no prefix. */
export function fragmentSubnet(options: SubnetFaultOptions, id: string, subnetId: string): Begun {
  const subnet = subnetOf(options, subnetId);
  const before = options.cloud.view.subnetUsage(subnet.id)?.freePrefixes ?? 0;
  const made: EniId[] = [];
  const taken = withUndo(options, made, () => {
    const wanted = middleOfEachBlock(subnet.cidr).filter((address) => !isTaken(options, subnet, address));
    for (let at = 0; at < wanted.length; at += SECONDARY_MAX + 1) {
      const [primaryAddress, ...addresses] = wanted.slice(at, at + SECONDARY_MAX + 1);
      if (primaryAddress === undefined) break;
      take(options, made, id, { subnetId: subnet.id, primaryAddress, ...(addresses.length === 0 ? {} : { carry: { addresses } }) });
    }
    return wanted.length;
  });
  const usage = options.cloud.view.subnetUsage(subnet.id);
  const detail = `${taken} addresses of ${subnet.id} (${formatCidr4(subnet.cidr)}) taken, one in each free /28: ${before} prefixes were free, ${usage?.freePrefixes ?? 0} are, with ${usage?.free ?? 0} single addresses`;
  return { detail, end: () => giveBack(options, made) };
}

/** Takes away what faults of an earlier run of this lab made. */
export function removeFaultEnis(options: SubnetFaultOptions): void {
  giveBack(
    options,
    options.cloud.view.enis().flatMap((eni) => (eni.tags[FAULT_TAG] === undefined ? [] : eni.id)),
  );
}

/** The address in the middle of each /28: the first and the last of a subnet are AWS's own. */
function middleOfEachBlock(cidr: Cidr4): readonly Ipv4[] {
  const blocks = Math.floor(cidr4Size(cidr) / PREFIX_ADDRESSES);
  return Array.from({ length: blocks }, (_, block) => offsetIpv4(cidr.base, block * PREFIX_ADDRESSES + PREFIX_ADDRESSES / 2));
}

/** Whether any address of the /28 around is held: such a block is no prefix already. */
function isTaken({ cloud }: SubnetFaultOptions, subnet: Subnet, address: Ipv4): boolean {
  const base = offsetIpv4(address, -PREFIX_ADDRESSES / 2);
  return Array.from({ length: PREFIX_ADDRESSES }, (_, offset) => offsetIpv4(base, offset)).some(
    (one) => cloud.view.ownerOf(subnet.vpcId, one) !== undefined,
  );
}

function take({ cloud, now }: SubnetFaultOptions, made: EniId[], id: string, input: CreateEniInput): void {
  const answer = cloud.createEni({ ...input, description: `made by ${id} of this lab`, tags: { [FAULT_TAG]: id } }, { now: now() });
  if (!answer.ok) throw new Error(`EC2 does not let the fault go on: ${answer.error.code}: ${answer.error.message}`);
  made.push(answer.value.id);
}

/** Does all or nothing. */
function withUndo<T>(options: SubnetFaultOptions, made: EniId[], work: () => T): T {
  try {
    const result = work();
    options.changed();
    return result;
  } catch (cause) {
    giveBack(options, made);
    throw cause;
  }
}

function giveBack({ cloud, now, changed }: SubnetFaultOptions, made: readonly EniId[]): void {
  for (const eniId of made) cloud.deleteEni({ eniId }, { now: now() });
  changed();
}

function freeOf({ cloud }: SubnetFaultOptions, id: SubnetId): number {
  return cloud.view.subnet(id)?.freeAddresses ?? 0;
}

function subnetOf({ cloud }: SubnetFaultOptions, id: string): Subnet {
  const subnet = cloud.view.subnet(asId<SubnetId>(id));
  if (subnet === undefined) throw new Error(`there is no subnet ${id} in this lab; see: slash28 lab status`);
  return subnet;
}
