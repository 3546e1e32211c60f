import { asFound, describeMissing, podState, type NetworkItem, type NetworkState, type PodWiring } from "@slash28/host-network";
import { linkItem } from "./host-apply.ts";
import { itemsOfLink, rulesAbout } from "./item-calls.ts";
import { DYING_GROUP } from "./link-reaper.ts";
import { findLink } from "./netlink-call.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";
import type { FoundLink } from "./netlink.ts";

/** What of a pod's wiring is missing or wrong on either side, as sentences. Settings are not looked at: they only guard. */
export function missingOfPod(host: NetlinkSocket, pod: NetlinkSocket, wiring: PodWiring): readonly string[] {
  const hostLink = findLink(host, wiring.hostLink);
  const wanted = podState(asFound(wiring, hostLink?.mac));
  const podLink = findLink(pod, wiring.podLink);
  return [
    ...pairComplaints(hostLink, podLink, wiring),
    ...describeMissing(wanted.host.filter(isChecked), [...stateOf(host, hostLink), ...rulesAbout(host, wiring.address)], "the host"),
    ...describeMissing(wanted.pod.filter(isChecked), stateOf(pod, podLink), "the pod"),
  ];
}

/** Two links of the right names may still be ends of different pairs. */
function pairComplaints(hostLink: FoundLink | undefined, podLink: FoundLink | undefined, wiring: PodWiring): readonly string[] {
  if (hostLink === undefined || podLink === undefined) return [];
  if (hostLink.group === DYING_GROUP) return [`link ${wiring.hostLink} is about to be deleted`];
  return podLink.peer === hostLink.index && hostLink.peer === podLink.index
    ? []
    : [`link ${wiring.podLink} of the pod is not the peer of ${wiring.hostLink}`];
}

/** One link and what is on it. On a full node the rest is a hundred pods'. */
function stateOf(socket: NetlinkSocket, link: FoundLink | undefined): NetworkState {
  return link === undefined ? [] : [linkItem(link), ...itemsOfLink(socket, link)];
}

function isChecked(item: NetworkItem): boolean {
  return item.kind !== "sysctl";
}
