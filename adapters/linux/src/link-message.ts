import type { LinkKind, LinkMessage } from "@slash28/netlink";
import type { LinkProperties, NewLink } from "./netlink.ts";

/**
 * A veth uses one queue each way. Not told so, the kernel makes and registers one per CPU on either end, and takes all but the first
 * away again: on a large instance most of the time a pod's wiring takes.
 */
const VETH_QUEUES = 1;

/** The message that makes a link; `parent` is a VLAN's parent by index, `peerNamespaceFd` where a veth's peer is born. */
export function newLinkMessage(link: NewLink, parent: number | undefined, peerNamespaceFd: number | undefined): LinkMessage {
  return {
    ...properties(link),
    ...(parent === undefined ? {} : { peerIndex: parent }),
    ...(link.type === "veth" ? { queues: VETH_QUEUES } : {}),
    kind: kindOf(link, peerNamespaceFd),
  };
}

function kindOf(link: NewLink, peerNamespaceFd: number | undefined): LinkKind {
  switch (link.type) {
    case "veth": {
      // The kernel takes no peer that is up before its pair is whole.
      const { up: _, ...peer } = properties(link.peer);
      const place = peerNamespaceFd === undefined ? {} : { namespaceFd: peerNamespaceFd };
      return { type: "veth", peer: { ...peer, queues: VETH_QUEUES, ...place } };
    }
    case "vlan":
      return { type: "vlan", vlanId: link.vlanId };
    case "bridge":
    case "dummy":
      return { type: link.type };
    default:
      return link satisfies never;
  }
}

function properties({ name, mac, mtu, up }: LinkProperties): LinkMessage {
  return {
    name,
    ...(mac === undefined ? {} : { mac }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(up === undefined ? {} : { up }),
  };
}
