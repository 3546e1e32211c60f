import { formatCidr4, formatIpv4, type Cidr4 } from "@slash28/address";
import type { NetworkItem, NetworkState, RouteItem, RuleItem } from "./network-items.ts";
import { MAIN_TABLE } from "./priorities.ts";

const KIND_ORDER: readonly NetworkItem["kind"][] = ["link", "address", "route", "rule", "neighbour", "sysctl", "nftables"];

/** The item as `ip` writes it, without the verb: `route 10.0.1.7/32 dev eni1 scope link table main`. */
export function renderItem(item: NetworkItem): string {
  switch (item.kind) {
    case "link":
      return words("link", item.name, item.mac && `address ${item.mac}`, item.mtu && `mtu ${item.mtu}`, item.up ? "up" : "down");
    case "address":
      return words(
        "address",
        `${formatIpv4(item.address)}/${item.length} dev ${item.link}`,
        !item.subnetRoute && item.length < 32 && "noprefixroute",
      );
    case "route":
      return renderRoute(item);
    case "rule":
      return renderRule(item);
    case "neighbour":
      return `neighbour ${formatIpv4(item.address)} lladdr ${item.mac} dev ${item.link} nud permanent`;
    case "sysctl":
      return `sysctl ${item.path}=${item.value}`;
    case "nftables":
      return `nftables table ${item.family} ${item.table}`;
    default:
      return item satisfies never;
  }
}

/** A whole namespace as sorted lines, nftables tables in full at the end: what tests and people compare. */
export function renderState(state: NetworkState): string {
  const lines = state
    .map((item) => ({ item, text: item.kind === "nftables" ? item.text.trimEnd() : renderItem(item) }))
    .sort((a, b) => compareItems(a.item, b.item) || (a.text < b.text ? -1 : 1));
  return lines.map(({ text }) => `${text}\n`).join("");
}

function compareItems(a: NetworkItem, b: NetworkItem): number {
  const byKind = KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind);
  if (byKind !== 0) return byKind;
  if (a.kind === "rule" && b.kind === "rule") return a.priority - b.priority;
  if (a.kind === "route" && b.kind === "route") return a.table - b.table || compareRanges(a.destination, b.destination);
  return 0;
}

function compareRanges(a: Cidr4, b: Cidr4): number {
  return a.base - b.base || a.length - b.length;
}

function renderRoute(route: RouteItem): string {
  return words(
    "route",
    route.destination.length === 0 ? "default" : formatCidr4(route.destination),
    route.gateway !== undefined && `via ${formatIpv4(route.gateway)}`,
    `dev ${route.link}`,
    route.scope === "link" && "scope link",
    route.source !== undefined && `src ${formatIpv4(route.source)}`,
    `table ${tableName(route.table)}`,
  );
}

function renderRule(rule: RuleItem): string {
  return words(
    `rule ${rule.priority}: from`,
    rule.from === undefined ? "all" : formatCidr4(rule.from),
    rule.to && `to ${formatCidr4(rule.to)}`,
    rule.mark && `fwmark 0x${rule.mark.value.toString(16)}/0x${rule.mark.mask.toString(16)}`,
    rule.inputLink && `iif ${rule.inputLink}`,
    `lookup ${tableName(rule.table)}`,
  );
}

function tableName(table: number): string {
  if (table === 255) return "local";
  if (table === 253) return "default";
  return table === MAIN_TABLE ? "main" : String(table);
}

function words(...parts: readonly (string | number | false | undefined)[]): string {
  return parts.filter((part) => typeof part === "string" && part !== "").join(" ");
}
