import {
  describeChange,
  difference,
  planHost,
  replaceTableCommands,
  type Change,
  type HostWiring,
  type LinkItem,
  type NetworkItem,
  type NetworkState,
  type NftablesItem,
} from "@slash28/host-network";
import { ERRNO } from "@slash28/netlink";
import { kernelFault } from "./libc.ts";
import { applyNftables, listNftable } from "./nftables.ts";
import { readSysctl, writeSysctl } from "./sysctl.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { FoundLink } from "./netlink.ts";

/** A change can undo another one (an address takes its routes along), so the result is looked at again; this often at most. */
const PASSES = 3;

/** The nftables table put last, and how this host's nft lists it: versions of nft format differently. */
export interface NftMemory {
  text?: string;
  listing?: string | undefined;
}

/** Makes the host as described; returns the changes as sentences. Raises for ENIs without a link after doing all the rest. */
export function applyHostWiring(kernel: HostKernel, wiring: HostWiring, memory: NftMemory): readonly string[] {
  const done: string[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const found = observeHost(kernel);
    const plan = planHost(wiring, found);
    const settings = observeSettings(kernel, plan.wanted, memory);
    const wanted = plan.wanted.filter(
      (item) => item.kind !== "sysctl" || settings.some((s) => s.kind === "sysctl" && s.path === item.path),
    );
    const changes = difference(wanted, [...found, ...settings], plan.ours);
    for (const change of changes) carryOut(kernel, change, memory);
    done.push(...changes.map(describeChange));
    if (changes.length === 0) {
      const [mac] = plan.missing;
      if (mac !== undefined) throw kernelFault("setting up an ENI", ERRNO.ENODEV, `no link has the MAC address ${mac}`);
      break;
    }
  }
  return done;
}

/** What of the host `planHost` decides by. */
function observeHost({ netlink }: HostKernel): NetworkState {
  return [...netlink.links().map(linkItem), ...netlink.addresses(), ...netlink.routes(), ...netlink.rules()];
}

/** Settings and tables are asked for by name: those the plan wants. */
function observeSettings(kernel: HostKernel, wanted: NetworkState, memory: NftMemory): NetworkState {
  return kernel.inside(() =>
    wanted.flatMap((item): NetworkItem[] => {
      if (item.kind === "nftables") return observeTable(item, memory);
      if (item.kind !== "sysctl") return [];
      const value = readSysctl(item.path);
      return value === undefined ? [] : [{ ...item, value }];
    }),
  );
}

function observeTable(item: NftablesItem, memory: NftMemory): NetworkItem[] {
  const listing = listNftable(item.family, item.table);
  if (listing === undefined) return [];
  return [{ ...item, text: listing === memory.listing ? (memory.text ?? listing) : listing }];
}

function carryOut(kernel: HostKernel, { action, item }: Change, memory: NftMemory): void {
  switch (item.kind) {
    case "link":
      return kernel.netlink.setLink(item.name, linkChange(item));
    case "sysctl":
      kernel.inside(() => writeSysctl(item.path, item.value));
      return;
    case "nftables":
      return kernel.inside(() => {
        applyNftables(replaceTableCommands(item));
        memory.text = item.text;
        memory.listing = listNftable(item.family, item.table);
      });
    case "address":
    case "route":
    case "rule":
    case "neighbour":
      if (action === "put") kernel.netlink.put(item);
      else kernel.netlink.remove(item);
      return;
    default:
      return item satisfies never;
  }
}

function linkChange({ mac, mtu, up }: LinkItem): { up: boolean; mac?: NonNullable<typeof mac>; mtu?: number } {
  return { up, ...(mac === undefined ? {} : { mac }), ...(mtu === undefined ? {} : { mtu }) };
}

/** A found link as an item of the host's state. */
export function linkItem({ name, mac, mtu, up }: FoundLink): LinkItem {
  return { kind: "link", name, mtu, up, ...(mac === undefined ? {} : { mac }) };
}
