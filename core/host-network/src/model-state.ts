import type { Ipv4, Mac } from "@slash28/address";
import { placeOf, type Change } from "./difference.ts";
import type { NetworkItem } from "./network-items.ts";
import { PRIORITY } from "./priorities.ts";

/** What one namespace of the model has, by place. */
export type Items = Map<string, NetworkItem>;

/** Where a pod's veth pair ends. */
export interface Pair {
  readonly netns: string;
  readonly podLink: string;
  readonly podMac: Mac;
}

/** A host in memory. */
export interface ModelState {
  readonly host: Items;
  /** By path. */
  readonly namespaces: Map<string, Items>;
  /** By host link. */
  readonly pairs: Map<string, Pair>;
  /** How many pairs there ever were; tells the next pod's MAC address. */
  pairsMade: number;
}

/** Carries out a change on one namespace. */
export function carryOut(items: Items, { action, item }: Change): void {
  const place = placeOf(item);
  const there = items.get(place);
  if (action === "remove") items.delete(place);
  else if (item.kind === "link" && there?.kind === "link") items.set(place, { ...there, ...item });
  else items.set(place, item);
}

/** As in the kernel, everything that names the link as its way goes with it; rules stay. */
export function removeLink(items: Items, name: string): void {
  for (const [place, item] of items) {
    if (item.kind === "link" ? item.name === name : "link" in item && item.link === name) items.delete(place);
    if (item.kind === "sysctl" && item.path.split("/").includes(name)) items.delete(place);
  }
}

/** Removes both ends of a pair. */
export function removePair(state: ModelState, hostLink: string): void {
  const pair = state.pairs.get(hostLink);
  state.pairs.delete(hostLink);
  removeLink(state.host, hostLink);
  const pod = pair === undefined ? undefined : state.namespaces.get(pair.netns);
  if (pair !== undefined && pod !== undefined) removeLink(pod, pair.podLink);
}

/** Removes the rules that send this pod address's traffic to any ENI's table. */
export function removeSourceRules(items: Items, address: Ipv4): void {
  for (const [place, item] of items) {
    if (item.kind === "rule" && item.priority === PRIORITY.fromPod && item.from?.base === address) items.delete(place);
  }
}
