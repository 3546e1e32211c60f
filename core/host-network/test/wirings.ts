import { cidr4, ipv4, parseMac, type Mac } from "@slash28/address";
import type { EniWiring, HostWiring, PodWiring } from "../src/index.ts";

export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new TypeError(`${text} is not a MAC address`);
  return parsed;
}

export function aPod(over: Partial<PodWiring> = {}): PodWiring {
  return {
    address: ipv4("10.0.0.64"),
    gateway: ipv4("169.254.1.1"),
    hostLink: "eni0d7763386da",
    podLink: "eth0",
    mtu: 9001,
    hostMac: mac("02:aa:00:00:00:01"),
    table: 254,
    ...over,
  };
}

export const PRIMARY: EniWiring = {
  mac: mac("02:00:00:00:00:01"),
  isPrimary: true,
  primaryAddress: ipv4("10.0.0.9"),
  subnet: cidr4("10.0.0.0/24"),
  table: 254,
  mtu: 9001,
};

export const SECOND: EniWiring = {
  mac: mac("02:00:00:00:00:02"),
  isPrimary: false,
  primaryAddress: ipv4("10.0.0.20"),
  subnet: cidr4("10.0.0.0/24"),
  table: 2,
  mtu: 9001,
};

export function aHost(over: Partial<HostWiring> = {}): HostWiring {
  return {
    enis: [PRIMARY, SECOND],
    vpcCidrs: [cidr4("10.0.0.0/16")],
    snat: { mode: "node", excluded: [], port: "prng" },
    nodePorts: true,
    connectionMark: 0x80,
    vethPrefix: "eni",
    externalServiceCidrs: [],
    tcpEarlyDemux: true,
    ...over,
  };
}
