import { cidr4Of, formatCidr4, type Cidr4 } from "@slash28/address";
import { Fault } from "@slash28/ports";
import { askOfEni, askOfNewEni, deletableEni, fitsEni, isLow, mayFreeEni, toGiveBack } from "./pool-rules.ts";
import type { StoreEni } from "./store.ts";
import { allocateEni, freeEni } from "./upstream-enis.ts";
import { ec2Code, isCapacityError, type UpstreamMemory } from "./upstream-ports.ts";

const DECREASE_EVERY_MS = 30_000;
const CAPACITY_COOLDOWN_MS = 120_000;

/** One step of the pool: grow when low, else hand back when there is too much; then free one ENI at most. */
export async function poolStep(memory: UpstreamMemory): Promise<void> {
  const { ports, store, facts } = memory;
  const { clock } = ports;
  if (isLow(store, facts, clock.now())) await increase(memory);
  else if (toGiveBack(store, facts, clock.now()) > 0 && clock.now() - memory.decreasedAt > DECREASE_EVERY_MS) await decrease(memory);
  if (!mayFreeEni(store, facts, clock.now())) return;
  const eni = deletableEni(store, facts, clock.now());
  if (eni === undefined) return;
  memory.reconciledAt = clock.now();
  store.removeEni(eni.id);
  await freeEni(memory, eni.id);
}

/** Fills an ENI at hand, or adds one. */
export async function increase(memory: UpstreamMemory): Promise<void> {
  const { ports, store, facts, identity } = memory;
  const { clock } = ports;
  if (clock.now() < memory.capacityUntil) return;
  memory.reconciledAt = clock.now();
  for (const eni of store.walk()) {
    const room = facts.slotsPerEni - eni.cidrs.size;
    if (room <= 0 || (eni.isPrimary && facts.settings.customNetworking)) continue;
    const refusal = await fill(memory, eni, askOfEni(store, facts, room, clock.now()));
    if (refusal === undefined) return;
    if (isCapacityError(refusal) && identity.hasDiscovery) continue;
    if (isCapacityError(refusal)) memory.capacityUntil = clock.now() + CAPACITY_COOLDOWN_MS;
    return;
  }
  if (fitsEni(store, facts)) await allocateEni(memory, askOfNewEni(store, facts, clock.now()));
}

/** Asks for many, then for one; answers what EC2 said last, or nothing when it gave. */
async function fill(memory: UpstreamMemory, eni: StoreEni, count: number): Promise<Fault | undefined> {
  const { ports, store } = memory;
  let refusal: Fault | undefined;
  for (const asked of [count, 1]) {
    try {
      const got = await ports.call("AssignPrivateIpAddresses", () => assign(memory, eni, asked));
      for (const cidr of got) store.addCidr(eni.id, cidr);
      return undefined;
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      if (ec2Code(cause) === "PrivateIpAddressLimitExceeded") return await takeListed(memory, eni);
      refusal = cause;
    }
  }
  return refusal;
}

async function assign({ ports, store }: UpstreamMemory, eni: StoreEni, count: number): Promise<readonly Cidr4[]> {
  if (store.usesPrefixes) return ports.ec2.assignPrefixes(eni.id, count);
  return (await ports.ec2.assignAddresses(eni.id, count)).map((address) => cidr4Of(address, 32));
}

async function takeListed({ ports, store }: UpstreamMemory, eni: StoreEni): Promise<Fault | undefined> {
  try {
    const [listed] = await ports.call("DescribeNetworkInterfaces", () => ports.ec2.describeEnis([eni.id]));
    for (const address of listed?.addresses ?? []) store.addCidr(eni.id, cidr4Of(address, 32));
    for (const prefix of listed?.prefixes ?? []) store.addCidr(eni.id, prefix);
    return undefined;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return cause;
  }
}

/** Hands back ranges without pods. The store gives them up first; whether EC2 took them is not looked at. */
async function decrease(memory: UpstreamMemory): Promise<void> {
  const { ports, store, facts } = memory;
  const { clock } = ports;
  memory.decreasedAt = clock.now();
  memory.reconciledAt = clock.now();
  let left = toGiveBack(store, facts, clock.now());
  for (const eni of store.walk()) {
    const idle = [...eni.cidrs.values()].filter((block) => block.isPrefix === store.usesPrefixes && !store.hasPods(block)).slice(0, left);
    if (idle.length > 0)
      await handBack(
        memory,
        eni,
        idle.map(({ cidr }) => cidr),
      );
    left -= idle.length;
    if (left <= 0) return;
  }
}

/** Gives ranges up and has them unassigned. */
export async function handBack(memory: UpstreamMemory, eni: StoreEni, cidrs: readonly Cidr4[]): Promise<void> {
  const { ports, store, handedBack } = memory;
  for (const cidr of cidrs) {
    store.removeCidr(eni.id, cidr);
    handedBack.set(formatCidr4(cidr), ports.clock.now());
  }
  const give = {
    addresses: cidrs.filter(({ length }) => length === 32).map(({ base }) => base),
    prefixes: cidrs.filter(({ length }) => length < 32),
  };
  try {
    await ports.call("UnassignPrivateIpAddresses", () => ports.ec2.unassign(eni.id, give));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
  }
}
