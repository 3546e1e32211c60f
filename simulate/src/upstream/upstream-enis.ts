import { cidr4Of, type AttachmentId, type EniId, type SubnetId } from "@slash28/address";
import { INSTANCE_TAG } from "@slash28/ipam";
import { Fault, type Ec2Eni, type MetadataEni } from "@slash28/ports";
import { retryWithBackoff } from "./sdk-retry.ts";
import { isCapacityError, type UpstreamMemory } from "./upstream-ports.ts";

const SHOWN_TRIES = 12;
const DETACH = { firstMs: 200, jitter: 0.15, tries: 12 } as const;
const DELETE = { firstMs: 500, jitter: 0.15, tries: 12 } as const;
/** Between detaching an ENI and deleting it, nothing is written down. */
const BEFORE_DELETE_MS = 2_000;
const CAPACITY_COOLDOWN_MS = 120_000;

/** Makes an ENI with addresses or prefixes: create, attach, mark for deletion with the instance, wait until the metadata service shows it. */
export async function allocateEni(memory: UpstreamMemory, count: number): Promise<void> {
  const { ports, identity } = memory;
  const { call, ec2 } = ports;
  let eni: EniId;
  try {
    eni = await createEni(memory, count);
  } catch (cause) {
    if (isCapacityError(cause)) memory.capacityUntil = ports.clock.now() + CAPACITY_COOLDOWN_MS;
    return;
  }
  let attachment: AttachmentId | undefined;
  try {
    const attached = await call("DescribeInstances", () => ec2.describeAttachedEnis(identity.instanceId));
    const used = new Set(attached.map((each) => each.attachment?.deviceIndex));
    const deviceIndex = Array.from({ length: 100 }, (_, index) => index).find((index) => !used.has(index)) ?? 0;
    attachment = await call("AttachNetworkInterface", () => ec2.attachEni(eni, identity.instanceId, deviceIndex, 0));
    const attachmentId = attachment;
    await call("ModifyNetworkInterfaceAttribute", () => ec2.deleteOnTermination(eni, attachmentId));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return attachment === undefined ? deleteEni(memory, eni) : takeOff(memory, eni, attachment);
  }
  const shown = await untilShown(memory, eni, count);
  if (shown === undefined) return;
  await setUpEni(memory, shown);
}

async function createEni({ ports, identity, store }: UpstreamMemory, count: number): Promise<EniId> {
  const { call, ec2, metadata } = ports;
  const subnets = await call("DescribeSubnets", () => ec2.describeSubnets(identity.vpcId, identity.zone));
  const role = "kubernetes.io/role/cni";
  const found = subnets
    .filter((subnet) => subnet.id === identity.subnetId || (subnet.tags[role] ?? "") !== "")
    .toSorted((a, b) => b.freeAddresses - a.freeAddresses);
  const own: readonly SubnetId[] = [identity.eniConfigSubnet ?? identity.subnetId];
  const order = identity.eniConfigSubnet === undefined && identity.hasDiscovery ? found.map(({ id }) => id) : own;
  const { groups } = await metadata.identity();
  let refusal: unknown;
  for (const subnetId of order) {
    try {
      const carry = { kind: store.usesPrefixes ? ("prefixes" as const) : ("addresses" as const), count };
      const tags = { [INSTANCE_TAG]: identity.instanceId, "node.k8s.amazonaws.com/createdAt": new Date(ports.clock.now()).toISOString() };
      const description = `aws-K8S-${identity.instanceId}`;
      // Upstream sends no token: each request is one of its own.
      const send = (): Promise<Ec2Eni> =>
        ec2.createEni({ subnetId, groups, description, tags, carry, clientToken: `none-${ports.random.next()}` });
      return (await call("CreateNetworkInterface", send)).id;
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      refusal = cause;
    }
  }
  throw refusal;
}

/** Some addresses do, more than one prefix does; with less the ENI is left as it is, for a later look to find. */
async function untilShown({ ports, store }: UpstreamMemory, eni: EniId, count: number): Promise<MetadataEni | undefined> {
  let pauseMs = 100;
  let shown: MetadataEni | undefined;
  const carried = (each: MetadataEni): number => (store.usesPrefixes ? each.prefixes.length : each.addresses.length);
  for (let tries = 0; tries < SHOWN_TRIES; tries++) {
    const enis = await ports.metadata.enis().catch(() => []);
    shown = enis.find((each) => each.id === eni);
    if (shown !== undefined && carried(shown) >= count) return shown;
    await ports.clock.sleep(pauseMs * (1 + 0.15 * ports.random.next()));
    pauseMs = Math.min(60_000, pauseMs * 2);
  }
  return shown !== undefined && carried(shown) >= (store.usesPrefixes ? 2 : 1) ? shown : undefined;
}

/** Puts an ENI with what the metadata service shows of it into the store. With discovery its subnet is looked at each time. */
export async function setUpEni({ ports, identity, facts, store }: UpstreamMemory, eni: MetadataEni): Promise<void> {
  if (identity.hasDiscovery) await ports.call("DescribeSubnets", () => ports.ec2.describeSubnets(identity.vpcId, identity.zone));
  const isPrimary = eni.id === identity.primaryEni;
  store.addEni(eni.id, isPrimary, ports.clock.now());
  for (const address of eni.addresses) if (address !== eni.primaryAddress) store.addCidr(eni.id, cidr4Of(address, 32));
  if (!isPrimary || !facts.settings.customNetworking) for (const prefix of eni.prefixes) store.addCidr(eni.id, prefix);
}

/** Frees an ENI that the store has given up already. A detach that fails leaves it for a later look to find. */
export async function freeEni(memory: UpstreamMemory, eni: EniId): Promise<void> {
  const { call, ec2 } = memory.ports;
  const found = await call("DescribeNetworkInterfaces", () => ec2.describeEnis([eni])).catch(() => []);
  const attachment = found[0]?.attachment?.id;
  if (attachment !== undefined) await takeOff(memory, eni, attachment);
}

async function takeOff(memory: UpstreamMemory, eni: EniId, attachment: AttachmentId): Promise<void> {
  const { call, ec2, clock, random } = memory.ports;
  try {
    await retryWithBackoff(clock, random, DETACH, () => call("DetachNetworkInterface", () => ec2.detachEni(attachment)));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return;
  }
  await clock.sleep(BEFORE_DELETE_MS);
  await deleteEni(memory, eni);
}

async function deleteEni({ ports }: UpstreamMemory, eni: EniId): Promise<void> {
  const { call, ec2, clock, random } = ports;
  try {
    await retryWithBackoff(clock, random, DELETE, () => call("DeleteNetworkInterface", () => ec2.deleteEni(eni)));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
  }
}
