import { localMac, type Ipv4, type Mac } from "@slash28/address";
import { describeChange, describeMissing, difference, placeOf } from "./difference.ts";
import { planHost } from "./host-plan.ts";
import { carryOut, removeLink, removePair, removeSourceRules, type Items, type ModelState } from "./model-state.ts";
import type { LinkItem } from "./network-items.ts";
import { asFound, podState } from "./pod-state.ts";
import type { HostWiring, PodWiring } from "./pod-wiring.ts";
import { MAIN_TABLE } from "./priorities.ts";
import { renderState } from "./render.ts";

/** Makes the error of a refused call, in the caller's own kind: `(code, fields) => new Fault(code, fields)`. */
export type Refuse = (
  code: "POD_NAMESPACE_GONE" | "POD_LINK_EXISTS" | "KERNEL_REFUSED",
  fields: Readonly<Record<string, string | number | undefined>>,
) => Error;

/**
 * The network of one host in memory: it fits the `HostNetwork` port, holds the same items as a kernel, and carries no packets.
 * For tests, and for running without privileges.
 */
export interface ModelKernel {
  applyHost(wiring: HostWiring): readonly string[];
  wirePod(wiring: PodWiring, netns: string): { readonly podMac: Mac };
  unwirePod(wiring: PodWiring, netns: string | undefined): void;
  checkPod(wiring: PodWiring, netns: string): readonly string[];
  hasNamespace(netns: string): boolean;
  observedPods(vethPrefix: string): readonly { readonly hostLink: string; readonly address?: Ipv4 }[];
  linkMacs(): readonly Mac[];
  /** The world's doing: hardware comes and goes, container runtimes make and remove namespaces. */
  plugLink(link: LinkItem): void;
  unplugLink(name: string): void;
  addNamespace(netns: string): void;
  /** Takes the namespace's links along, and with them their peers on the host. */
  removeNamespace(netns: string): void;
  /** The host's state, or that of a namespace, as sorted text. */
  render(netns?: string): string;
}

/** Makes an empty host: no links, no namespaces. */
export function createModelKernel(refuse: Refuse): ModelKernel {
  const state: ModelState = { host: new Map(), namespaces: new Map(), pairs: new Map(), pairsMade: 0 };
  const namespaceAt = (netns: string): Items => {
    const items = state.namespaces.get(netns);
    if (items === undefined) throw refuse("POD_NAMESPACE_GONE", { netns });
    return items;
  };

  return {
    applyHost: (wiring) => applyHost(state, wiring, refuse),
    wirePod: (wiring, netns) => wirePod(state, wiring, { netns, pod: namespaceAt(netns) }, refuse),
    unwirePod: (wiring) => unwirePod(state, wiring),
    checkPod(wiring, netns) {
      const pod = state.namespaces.get(netns);
      return pod === undefined ? [`the pod's network namespace ${netns} does not exist`] : missingOf(state, wiring, { netns, pod });
    },
    hasNamespace: (netns) => state.namespaces.has(netns),
    observedPods: (vethPrefix) => observedPods(state, vethPrefix),
    linkMacs: () => [...state.host.values()].flatMap((item) => (item.kind === "link" && item.mac !== undefined ? [item.mac] : [])),
    plugLink: (link) => void state.host.set(placeOf(link), link),
    unplugLink: (name) => removeLink(state.host, name),
    addNamespace: (netns) => void state.namespaces.set(netns, state.namespaces.get(netns) ?? new Map()),
    removeNamespace(netns) {
      state.namespaces.delete(netns);
      for (const [hostLink, pair] of state.pairs) if (pair.netns === netns) removePair(state, hostLink);
    },
    render: (netns) => renderState([...(netns === undefined ? state.host : namespaceAt(netns)).values()]),
  };
}

/** A pod's namespace and its path. */
interface PodPlace {
  readonly netns: string;
  readonly pod: Items;
}

function applyHost({ host }: ModelState, wiring: HostWiring, refuse: Refuse): readonly string[] {
  const found = [...host.values()];
  const plan = planHost(wiring, found);
  const changes = difference(plan.wanted, found, plan.ours);
  for (const change of changes) carryOut(host, change);
  const [mac] = plan.missing;
  if (mac !== undefined)
    throw refuse("KERNEL_REFUSED", { errno: "ENODEV", doing: `setting up an ENI (no link has the MAC address ${mac})` });
  return changes.map(describeChange);
}

function wirePod(state: ModelState, wiring: PodWiring, place: PodPlace, refuse: Refuse): { readonly podMac: Mac } {
  const earlier = state.pairs.get(wiring.hostLink);
  if (earlier !== undefined && missingOf(state, wiring, place).length === 0) return { podMac: earlier.podMac };
  removePair(state, wiring.hostLink);
  if (place.pod.has(`link ${wiring.podLink}`)) throw refuse("POD_LINK_EXISTS", { link: wiring.podLink });
  const { pairsMade } = state;
  const podMac = localMac(Uint8Array.of(2, 0x28, 0, pairsMade >>> 16, pairsMade >>> 8, pairsMade));
  state.pairsMade++;
  removeSourceRules(state.host, wiring.address);
  const wanted = podState(wiring);
  for (const item of wanted.host) state.host.set(placeOf(item), item);
  for (const item of wanted.pod) place.pod.set(placeOf(item), item.kind === "link" ? { ...item, mac: podMac } : item);
  state.pairs.set(wiring.hostLink, { netns: place.netns, podLink: wiring.podLink, podMac });
  return { podMac };
}

function unwirePod(state: ModelState, wiring: PodWiring): void {
  removeSourceRules(state.host, wiring.address);
  for (const item of podState(wiring).host) if (item.kind === "rule") state.host.delete(placeOf(item));
  removePair(state, wiring.hostLink);
}

function missingOf(state: ModelState, wiring: PodWiring, { netns, pod }: PodPlace): readonly string[] {
  const hostLink = state.host.get(`link ${wiring.hostLink}`);
  const wanted = podState(asFound(wiring, hostLink?.kind === "link" ? hostLink.mac : undefined));
  const pair = state.pairs.get(wiring.hostLink);
  const isPair = pair === undefined || (pair.netns === netns && pair.podLink === wiring.podLink);
  return [
    ...(isPair ? [] : [`link ${wiring.podLink} of the pod is not the peer of ${wiring.hostLink}`]),
    ...describeMissing(wanted.host, [...state.host.values()], "the host"),
    ...describeMissing(wanted.pod, [...pod.values()], "the pod"),
  ];
}

function observedPods({ host, pairs }: ModelState, vethPrefix: string): readonly { readonly hostLink: string; readonly address?: Ipv4 }[] {
  const routed = new Map(
    [...host.values()]
      .filter((item) => item.kind === "route")
      .filter((route) => route.table === MAIN_TABLE && route.destination.length === 32)
      .map((route) => [route.link, route.destination.base]),
  );
  return [...pairs.keys()]
    .filter((name) => name.startsWith(vethPrefix))
    .map((hostLink) => {
      const address = routed.get(hostLink);
      return address === undefined ? { hostLink } : { hostLink, address };
    });
}
