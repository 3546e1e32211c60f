import { formatCidr4, type Mac } from "@slash28/address";
import { podState, PRIORITY, renderItem, type NetworkItem, type PodState, type PodWiring } from "@slash28/host-network";
import { addLink, deleteLink, deleteRule, ERRNO, RULE_ACTION, setLink, type Request } from "@slash28/netlink";
import { Fault } from "@slash28/ports";
import { kernelFault } from "./libc.ts";
import { newLinkMessage } from "./link-message.ts";
import { closeNamespace, inNamespace, openNamespace } from "./network-namespace.ts";
import { demandUnlessAbsent, findLink } from "./netlink-call.ts";
import { checkPut } from "./item-calls.ts";
import { openNetlinkSocket, refusal, type NetlinkSocket } from "./netlink-socket.ts";
import { putRequest, removeRequest } from "./item-message.ts";
import { missingOfPod } from "./pod-check.ts";
import { writeSysctl } from "./sysctl.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { LinkReaper } from "./link-reaper.ts";
import type { PlacedItem } from "./netlink.ts";

/** A pod's namespace, opened: a descriptor and a socket in it. */
interface PodKernel {
  readonly fd: number;
  readonly socket: NetlinkSocket;
}

/** Runs work with the pod's namespace open. Raises `POD_NAMESPACE_GONE`. */
export function withPodKernel<T>(netns: string, work: (pod: PodKernel) => T): T {
  const fd = openNamespace(netns);
  try {
    const socket = enterPod(fd, netns);
    try {
      return work({ fd, socket });
    } finally {
      socket.close();
    }
  } finally {
    closeNamespace(fd);
  }
}

/** Makes the pod's veth pair and everything on both sides of it; undoes all of it when a step is refused. */
export function wirePod(kernel: HostKernel, reaper: LinkReaper, wiring: PodWiring, netns: string): { readonly podMac: Mac } {
  return withPodKernel(netns, (pod) => {
    const state = podState(wiring);
    if (!makeVeth(kernel, reaper, wiring, pod)) {
      // Everything is there from an earlier call.
      const { mac } = podLinkOf(pod.socket, wiring);
      return { podMac: mac };
    }
    try {
      const { mac, hostIndex, podIndex } = podLinkOf(pod.socket, wiring);
      putAll(pod.socket, state.pod, podIndex);
      kernel.inside(() => writeSettings(state.host));
      removeSourceRules(kernel.socket, wiring);
      putAll(kernel.socket, state.host, hostIndex);
      return { podMac: mac };
    } catch (cause) {
      undo(kernel, wiring, state);
      throw cause;
    }
  });
}

/** Takes the host's routes and rules of a pod away at once; its link follows with the reaper or with the pod's namespace. */
export function unwirePod(kernel: HostKernel, reaper: LinkReaper, wiring: PodWiring): void {
  const link = findLink(kernel.socket, wiring.hostLink);
  removeSourceRules(kernel.socket, wiring);
  const items = podState(wiring).host.filter((item) => item.kind === "rule" || item.kind === "route");
  for (const item of items) {
    // The route of a link that is gone went with it; another link's route to the same address is not this pod's.
    if (item.kind === "route" && link === undefined) continue;
    demandUnlessAbsent(kernel.socket, removeRequest(item, link?.index ?? 0), `deleting ${renderItem(item)}`);
  }
  if (link !== undefined) reaper.add(wiring.hostLink);
}

function enterPod(fd: number, netns: string): NetlinkSocket {
  try {
    return inNamespace(fd, openNetlinkSocket);
  } catch (cause) {
    if (cause instanceof Fault && cause.code === "POD_NAMESPACE_GONE") throw new Fault("POD_NAMESPACE_GONE", { netns }, { cause });
    throw cause;
  }
}

/**
 * Makes the veth pair. `false` when the pod is wired already, exactly so. A link of that name left by an earlier sandbox of the
 * same pod is deleted first.
 */
function makeVeth(kernel: HostKernel, reaper: LinkReaper, wiring: PodWiring, pod: PodKernel): boolean {
  const request = vethRequest(wiring, pod.fd);
  if (tryAdd(kernel.socket, request, wiring)) return true;
  if (missingOfPod(kernel.socket, pod.socket, wiring).length === 0) return false;
  reaper.reap();
  if (tryAdd(kernel.socket, request, wiring)) return true;
  demandUnlessAbsent(kernel.socket, deleteLink({ name: wiring.hostLink }), `deleting the leftover link ${wiring.hostLink}`);
  if (tryAdd(kernel.socket, request, wiring)) return true;
  throw new Fault("POD_LINK_EXISTS", { link: wiring.podLink });
}

/** `false` when one of the two names is taken. */
function tryAdd(socket: NetlinkSocket, request: Request, wiring: PodWiring): boolean {
  const [outcome] = socket.transact([request]);
  if (outcome?.kind !== "refused") return true;
  if (outcome.errno === ERRNO.EEXIST) return false;
  throw refusal(outcome, `adding veth link ${wiring.hostLink}`);
}

/** Neither end is up yet: the host's end waits for its settings, and the kernel takes no peer that is up before its pair is whole. */
function vethRequest({ hostLink, hostMac, podLink, mtu }: PodWiring, podFd: number): Request {
  return addLink(newLinkMessage({ type: "veth", name: hostLink, mac: hostMac, mtu, peer: { name: podLink, mtu } }, undefined, podFd));
}

/** One look at the pod's end tells both indexes: a veth names its peer's. */
function podLinkOf(socket: NetlinkSocket, wiring: PodWiring): { mac: Mac; podIndex: number; hostIndex: number } {
  const link = findLink(socket, wiring.podLink);
  if (link?.mac === undefined || link.peer === undefined) {
    throw kernelFault("wiring a pod", ERRNO.ENODEV, `its link ${wiring.podLink} is not a veth`);
  }
  return { mac: link.mac, podIndex: link.index, hostIndex: link.peer };
}

/** Puts all items of one side in one message to the kernel. */
function putAll(socket: NetlinkSocket, items: readonly NetworkItem[], index: number): void {
  const sent = items.filter((item) => item.kind !== "sysctl" && item.kind !== "nftables");
  const outcomes = socket.transact(sent.map((item) => (item.kind === "link" ? setLink({ index, up: item.up }) : putRequest(item, index))));
  for (const [i, outcome] of outcomes.entries()) {
    const item = sent[i];
    if (item !== undefined && item.kind !== "link") checkPut(item, outcome);
    else if (outcome.kind === "refused") throw refusal(outcome, "bringing a veth link up");
  }
}

function writeSettings(items: readonly NetworkItem[]): void {
  for (const item of items) if (item.kind === "sysctl") writeSysctl(item.path, item.value);
}

/** An address can come back on another ENI: no rule may still send its traffic through the old one's table. */
function removeSourceRules(socket: NetlinkSocket, wiring: PodWiring): void {
  const from = { base: wiring.address, length: 32 };
  const anyTable = deleteRule({ action: RULE_ACTION.table, table: 0, priority: PRIORITY.fromPod, from });
  while (demandUnlessAbsent(socket, anyTable, `deleting rules from ${formatCidr4(from)}`));
}

function undo(kernel: HostKernel, wiring: PodWiring, state: PodState): void {
  const rules = state.host.filter((item): item is PlacedItem => item.kind === "rule");
  // Outcomes do not matter: the first failure is the one to tell. Deleting the link takes the pod's end and the routes along.
  kernel.socket.transact([deleteLink({ name: wiring.hostLink }), ...rules.map((rule) => removeRequest(rule, 0))]);
}
