import { describeMissing, podState, type NetworkItem, type NetworkState, type PodWiring } from "@slash28/host-network";
import { DYING_GROUP } from "./link-reaper.ts";
import { linkItem } from "./host-apply.ts";
import { netlinkOver } from "./netlink-client.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";
import type { Netlink } from "./netlink.ts";

/** What of a pod's wiring is missing or wrong on either side, as sentences. Settings are not looked at: they only guard. */
export function missingOfPod(host: Netlink, podSocket: NetlinkSocket, wiring: PodWiring): readonly string[] {
  const wanted = podState(wiring);
  const pod = netlinkOver(podSocket);
  return [
    ...pairComplaints(host, pod, wiring),
    ...describeMissing(wanted.host.filter(isChecked), observe(host, wiring.hostLink), "the host"),
    ...describeMissing(wanted.pod.filter(isChecked), observe(pod, wiring.podLink), "the pod"),
  ];
}

/** Two links of the right names may still be ends of different pairs. */
function pairComplaints(host: Netlink, pod: Netlink, wiring: PodWiring): readonly string[] {
  const hostLink = host.link(wiring.hostLink);
  const podLink = pod.link(wiring.podLink);
  if (hostLink === undefined || podLink === undefined) return [];
  if (hostLink.group === DYING_GROUP) return [`link ${wiring.hostLink} is about to be deleted`];
  return podLink.peer === hostLink.index && hostLink.peer === podLink.index
    ? []
    : [`link ${wiring.podLink} of the pod is not the peer of ${wiring.hostLink}`];
}

function observe(netlink: Netlink, name: string): NetworkState {
  const link = netlink.link(name);
  if (link === undefined) return netlink.rules();
  return [linkItem(link), ...netlink.addresses(name), ...netlink.routes(), ...netlink.rules(), ...netlink.neighbours()];
}

function isChecked(item: NetworkItem): boolean {
  return item.kind !== "sysctl";
}
