import { asId, parseCidr4, parseIpv4, parseMac, type Cidr4, type Mac } from "@slash28/address";
import { Fault, type InstanceIdentity, type Metadata, type MetadataEni } from "@slash28/ports";
import type { Imds } from "./imds.ts";

export interface MetadataOptions {
  readonly imds: Imds;
}

const MACS = "meta-data/network/interfaces/macs/";

/** What the metadata service tells a node of itself, every value checked before use. */
export function createMetadata({ imds }: MetadataOptions): Metadata {
  return {
    identity: () => readIdentity(imds),
    async enis() {
      const macs = lines(await imds.read(MACS)).map((line) => required(line.replace(/\/$/, ""), parseMac, MACS));
      const found = await Promise.all(macs.map((mac) => readEni(imds, mac)));
      return found.filter((eni) => eni !== undefined);
    },
    async vpcCidrs() {
      return readVpcCidrs(imds, await readMac(imds));
    },
  };
}

async function readIdentity(imds: Imds): Promise<InstanceIdentity> {
  const mac = await readMac(imds);
  const [instanceId, instanceType, zone, region, address, vpcCidrs] = await Promise.all([
    imds.read("meta-data/instance-id"),
    imds.read("meta-data/instance-type"),
    imds.read("meta-data/placement/availability-zone"),
    imds.read("meta-data/placement/region"),
    imds.read("meta-data/local-ipv4"),
    readVpcCidrs(imds, mac),
  ]);
  const at = `${MACS}${mac}/`;
  const [eni, subnet, vpc, groups] = await Promise.all([
    imds.read(`${at}interface-id`),
    imds.read(`${at}subnet-id`),
    imds.read(`${at}vpc-id`),
    imds.read(`${at}security-group-ids`),
  ]);
  return {
    instanceId: asId(named(instanceId, /^i-[0-9a-f]+$/, "meta-data/instance-id")),
    instanceType: named(instanceType, /^[a-z0-9.-]+$/, "meta-data/instance-type"),
    region: named(region, /^[a-z0-9-]+$/, "meta-data/placement/region"),
    zone: named(zone, /^[a-z0-9-]+$/, "meta-data/placement/availability-zone"),
    vpcId: asId(named(vpc, /^vpc-[0-9a-f]+$/, `${at}vpc-id`)),
    vpcCidrs,
    primaryEni: asId(named(eni, /^eni-[0-9a-f]+$/, `${at}interface-id`)),
    primaryMac: mac,
    primaryAddress: required(address, parseIpv4, "meta-data/local-ipv4"),
    subnetId: asId(named(subnet, /^subnet-[0-9a-f]+$/, `${at}subnet-id`)),
    groups: lines(groups).map((group) => asId(named(group, /^sg-[0-9a-f]+$/, `${at}security-group-ids`))),
  };
}

/** An ENI that is being attached shows its leaves one by one: until its address is there it is left out. */
async function readEni(imds: Imds, mac: Mac): Promise<MetadataEni | undefined> {
  const at = `${MACS}${mac}/`;
  const leaves = ["interface-id", "device-number", "network-card", "subnet-id", "subnet-ipv4-cidr-block", "local-ipv4s", "ipv4-prefix"];
  const [id, device, card, subnet, subnetCidr, addresses, prefixes] = await Promise.all(leaves.map((leaf) => imds.find(`${at}${leaf}`)));
  if (id === undefined || device === undefined || subnet === undefined || subnetCidr === undefined) return undefined;
  // The first line is the primary address.
  const [primary, ...secondary] = lines(addresses ?? "").map((line) => required(line, parseIpv4, `${at}local-ipv4s`));
  if (primary === undefined) return undefined;
  return {
    id: asId(named(id, /^eni-[0-9a-f]+$/, `${at}interface-id`)),
    mac,
    deviceIndex: required(device, indexOf, `${at}device-number`),
    networkCard: card === undefined ? 0 : required(card, indexOf, `${at}network-card`),
    subnetId: asId(named(subnet, /^subnet-[0-9a-f]+$/, `${at}subnet-id`)),
    subnetCidr: required(subnetCidr, parseCidr4, `${at}subnet-ipv4-cidr-block`),
    primaryAddress: primary,
    addresses: secondary,
    prefixes: lines(prefixes ?? "").map((line) => required(line, parseCidr4, `${at}ipv4-prefix`)),
  };
}

async function readMac(imds: Imds): Promise<Mac> {
  return required(await imds.read("meta-data/mac"), parseMac, "meta-data/mac");
}

async function readVpcCidrs(imds: Imds, mac: Mac): Promise<readonly Cidr4[]> {
  const path = `${MACS}${mac}/vpc-ipv4-cidr-blocks`;
  return lines(await imds.read(path)).map((line) => required(line, parseCidr4, path));
}

function lines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function indexOf(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

function named(text: string, form: RegExp, path: string): string {
  const trimmed = text.trim();
  if (!form.test(trimmed)) throw nonsense(path, text);
  return trimmed;
}

function required<T>(text: string, parse: (text: string) => T | undefined, path: string): T {
  const value = parse(text.trim());
  if (value === undefined) throw nonsense(path, text);
  return value;
}

function nonsense(path: string, text: string): Fault {
  return new Fault("METADATA_UNREACHABLE", { path, detail: `unexpected answer ${JSON.stringify(text.slice(0, 80))}` });
}
