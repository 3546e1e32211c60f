import { cidr4Of, formatCidr4, type Cidr4 } from "@slash28/address";
import { Fault, type Ec2Eni, type MetadataEni } from "@slash28/ports";
import type { StoreEni } from "./store.ts";
import { setUpEni } from "./upstream-enis.ts";
import type { UpstreamMemory } from "./upstream-ports.ts";

const EVERY_MS = 60_000;
const HANDED_BACK_MS = 60_000;

/**
 * Compares the store with the metadata service. An ENI that it does not show is dropped with all its pods, and EC2 is not asked; addresses
 * that differ are asked about, and what EC2 does not list is dropped whoever has it.
 */
export async function reconcile(memory: UpstreamMemory): Promise<void> {
  const { ports, store } = memory;
  if (ports.clock.now() - memory.reconciledAt <= EVERY_MS) return;
  const shown = await ports.metadata.enis().catch(() => []);
  if (shown.length === 0) return;
  memory.reconciledAt = ports.clock.now();
  if (shown.some(({ id }) => !store.enis.has(id))) {
    const listed = await listAll(memory, shown);
    if (listed === undefined) return;
  }
  for (const eni of shown) {
    const known = store.enis.get(eni.id);
    if (known === undefined) await setUpEni(memory, eni);
    else await compare(memory, known, eni);
  }
  for (const id of store.enis.keys()) if (shown.every((eni) => eni.id !== id)) store.removeEni(id);
}

function listAll({ ports }: UpstreamMemory, shown: readonly MetadataEni[]): Promise<readonly Ec2Eni[] | undefined> {
  const ids = shown.map(({ id }) => id);
  return ports.call("DescribeNetworkInterfaces", () => ports.ec2.describeEnis(ids)).catch(unlessBug);
}

async function compare(memory: UpstreamMemory, known: StoreEni, eni: MetadataEni): Promise<void> {
  const { ports, store } = memory;
  const inMetadata = rangesOf(eni);
  if (inMetadata.size === known.cidrs.size && [...inMetadata.keys()].every((text) => known.cidrs.has(text))) return;
  const listed = await ports.call("DescribeNetworkInterfaces", () => ports.ec2.describeEnis([eni.id])).catch(unlessBug);
  const [found] = listed ?? [];
  if (found === undefined) return;
  const inEc2 = rangesOf(found);
  for (const [text, cidr] of inEc2) if (!isFreshlyHandedBack(memory, text)) store.addCidr(eni.id, cidr);
  for (const [text, { cidr }] of known.cidrs) if (!inEc2.has(text)) store.removeCidr(eni.id, cidr);
}

function isFreshlyHandedBack({ ports, handedBack }: UpstreamMemory, text: string): boolean {
  const at = handedBack.get(text);
  return at !== undefined && ports.clock.now() - at < HANDED_BACK_MS;
}

function rangesOf(eni: Pick<Ec2Eni, "primaryAddress" | "addresses" | "prefixes">): ReadonlyMap<string, Cidr4> {
  const single = eni.addresses.filter((address) => address !== eni.primaryAddress).map((address) => cidr4Of(address, 32));
  return new Map([...single, ...eni.prefixes].map((cidr) => [formatCidr4(cidr), cidr]));
}

function unlessBug(cause: unknown): undefined {
  if (!(cause instanceof Fault)) throw cause;
  return undefined;
}
