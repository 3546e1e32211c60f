import type { LinkItem, NetworkItem, NetworkState } from "./network-items.ts";
import { renderItem } from "./render.ts";

/** One step from what a namespace has to what it should have. `put` adds an item or replaces the one in its place. */
export type Change = { readonly action: "put" | "remove"; readonly item: NetworkItem };

/**
 * The steps from `found` to `wanted`, everything added before anything is removed, so that traffic always has a way. Of what is
 * found but not wanted, only items that are `ours` are removed.
 */
export function difference(wanted: NetworkState, found: NetworkState, ours: (item: NetworkItem) => boolean): readonly Change[] {
  const foundByPlace = new Map(found.map((item) => [placeOf(item), item]));
  const places = new Set(wanted.map(placeOf));
  return [
    ...wanted.filter((item) => !isMet(item, foundByPlace.get(placeOf(item)))).map((item) => ({ action: "put" as const, item })),
    ...found.filter((item) => !places.has(placeOf(item)) && ours(item)).map((item) => ({ action: "remove" as const, item })),
  ];
}

/** A change as a sentence: `set route …`. */
export function describeChange(change: Change): string {
  return `${change.action === "put" ? "set" : "removed"} ${renderItem(change.item)}`;
}

/** What is wanted and not there, as sentences. */
export function describeMissing(wanted: NetworkState, found: NetworkState, where: string): readonly string[] {
  const foundByPlace = new Map(found.map((item) => [placeOf(item), item]));
  return wanted.flatMap((item) => {
    const there = foundByPlace.get(placeOf(item));
    if (isMet(item, there)) return [];
    const instead = there === undefined || there.kind === "nftables" ? "" : `; there is ${renderItem(there)}`;
    return [`${where} lacks ${renderItem(item)}${instead}`];
  });
}

/** Two items in one place cannot both be there: the second replaces the first. */
export function placeOf(item: NetworkItem): string {
  switch (item.kind) {
    case "link":
      return `link ${item.name}`;
    case "address":
      return `address ${item.address}/${item.length} ${item.link}`;
    case "route":
      return `route ${item.table} ${item.destination.base}/${item.destination.length}`;
    case "rule":
      return renderItem(item);
    case "neighbour":
      return `neighbour ${item.link} ${item.address}`;
    case "sysctl":
      return `sysctl ${item.path}`;
    case "nftables":
      return `nftables ${item.family} ${item.table}`;
    default:
      return item satisfies never;
  }
}

function isMet(wanted: NetworkItem, there: NetworkItem | undefined): boolean {
  if (there === undefined) return false;
  if (wanted.kind === "link") return there.kind === "link" && linkIsMet(wanted, there);
  // An address stays the same with or without the subnet route; that route is an item of its own.
  if (wanted.kind === "address") return true;
  if (wanted.kind === "nftables") return there.kind === "nftables" && there.text === wanted.text;
  return renderItem(wanted) === renderItem(there);
}

function linkIsMet(wanted: LinkItem, there: LinkItem): boolean {
  const macFits = wanted.mac === undefined || wanted.mac === there.mac;
  const mtuFits = wanted.mtu === undefined || wanted.mtu === there.mtu;
  return macFits && mtuFits && wanted.up === there.up;
}
