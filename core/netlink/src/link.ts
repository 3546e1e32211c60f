import { macFromBytes, macToBytes, type Mac } from "@slash28/address";
import { AttributeReader } from "./attribute-reader.ts";
import { viewOf } from "./bytes.ts";
import { defined } from "./defined.ts";
import { PayloadWriter } from "./payload-writer.ts";

/** What a link is made of; `other` names a kind this project makes none of. */
export type LinkKind =
  | { readonly type: "veth"; readonly peer?: LinkMessage }
  | { readonly type: "bridge" }
  | { readonly type: "dummy" }
  | { readonly type: "vlan"; readonly vlanId: number }
  | { readonly type: "other"; readonly name: string };

/** The body of RTM_NEWLINK, RTM_GETLINK and RTM_DELLINK. In a request absent fields say nothing; in an answer they were not told. */
export interface LinkMessage {
  /** 0 or absent: chosen by the kernel, or found by name. */
  readonly index?: number;
  /** Administrative state; absent leaves it. */
  readonly up?: boolean;
  readonly name?: string;
  readonly mac?: Mac;
  /** Bytes. */
  readonly mtu?: number;
  /** IFLA_LINK: index of a veth's peer or of a VLAN's parent. */
  readonly peerIndex?: number;
  /** Index of the bridge; 0 leaves it. */
  readonly master?: number;
  readonly group?: number;
  /** Descriptor of the namespace to make the link in or to move it to. */
  readonly namespaceFd?: number;
  /** Id by which this namespace knows the peer's one; answers only. */
  readonly peerNamespaceId?: number;
  readonly kind?: LinkKind;
  /** Transmit and receive queues to make room for; absent: the kernel's choice, one per CPU for a veth. */
  readonly queues?: number;
  /** RTEXT_FILTER: what answers leave out or add; requests only. */
  readonly answerMask?: number;
}

const HEADER = 16;
const IFF_UP = 1;
const IFLA = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  linkInfo: 18,
  namespaceFd: 28,
  group: 27,
  answerMask: 29,
  transmitQueues: 31,
  receiveQueues: 32,
  peerNamespaceId: 37,
} as const;
const INFO = { kind: 1, data: 2 } as const;
const VETH_PEER = 1;
const VLAN_ID = 1;

/** The message's payload: `struct ifinfomsg` and attributes. */
export function encodeLink(link: LinkMessage): Uint8Array {
  const to = new PayloadWriter();
  writeLink(to, link);
  return to.finish();
}

function writeLink(to: PayloadWriter, link: LinkMessage): void {
  const header = to.structure(HEADER);
  to.setU32(header + 4, link.index ?? 0);
  if (link.up !== undefined) {
    to.setU32(header + 8, link.up ? IFF_UP : 0);
    to.setU32(header + 12, IFF_UP);
  }
  if (link.name !== undefined) to.text(IFLA.name, link.name);
  if (link.mac !== undefined) to.bytes(IFLA.address, macToBytes(link.mac));
  if (link.mtu !== undefined) to.u32(IFLA.mtu, link.mtu);
  if (link.peerIndex !== undefined) to.u32(IFLA.link, link.peerIndex);
  if (link.master !== undefined) to.u32(IFLA.master, link.master);
  if (link.group !== undefined) to.u32(IFLA.group, link.group);
  if (link.namespaceFd !== undefined) to.u32(IFLA.namespaceFd, link.namespaceFd);
  if (link.peerNamespaceId !== undefined) to.u32(IFLA.peerNamespaceId, link.peerNamespaceId);
  if (link.queues !== undefined) {
    to.u32(IFLA.transmitQueues, link.queues);
    to.u32(IFLA.receiveQueues, link.queues);
  }
  if (link.answerMask !== undefined) to.u32(IFLA.answerMask, link.answerMask);
  const { kind } = link;
  if (kind !== undefined) to.nest(IFLA.linkInfo, () => writeKind(to, kind));
}

/** Reads a link as the kernel answers it: there the administrative state is always told. */
export function decodeLinkAnswer(payload: Uint8Array): LinkMessage & { readonly up: boolean } {
  return { ...decodeLink(payload), up: (viewOf(payload).getUint32(8, true) & IFF_UP) !== 0 };
}

/** Reads a payload of {@link encodeLink}. */
export function decodeLink(payload: Uint8Array): LinkMessage {
  const header = viewOf(payload);
  const index = header.getInt32(4, true);
  const flags = header.getUint32(8, true);
  const change = header.getUint32(12, true);
  const attributes = new AttributeReader(payload, HEADER);
  const mac = attributes.bytes(IFLA.address);
  const info = attributes.bytes(IFLA.linkInfo);
  return defined({
    index: index === 0 ? undefined : index,
    up: (change & IFF_UP) === 0 ? undefined : (flags & IFF_UP) !== 0,
    name: attributes.text(IFLA.name),
    mac: mac?.length === 6 ? macFromBytes(mac) : undefined,
    mtu: attributes.u32(IFLA.mtu),
    peerIndex: attributes.u32(IFLA.link),
    master: attributes.u32(IFLA.master),
    group: attributes.u32(IFLA.group),
    namespaceFd: attributes.u32(IFLA.namespaceFd),
    peerNamespaceId: attributes.u32(IFLA.peerNamespaceId),
    queues: attributes.u32(IFLA.transmitQueues),
    answerMask: attributes.u32(IFLA.answerMask),
    kind: info === undefined ? undefined : decodeKind(info),
  });
}

function writeKind(to: PayloadWriter, kind: LinkKind): void {
  to.text(INFO.kind, kind.type === "other" ? kind.name : kind.type);
  switch (kind.type) {
    case "veth": {
      const { peer } = kind;
      if (peer !== undefined) to.nest(INFO.data, () => to.message(VETH_PEER, () => writeLink(to, peer)));
      return;
    }
    case "vlan":
      to.nest(INFO.data, () => to.u16(VLAN_ID, kind.vlanId));
      return;
    case "bridge":
    case "dummy":
    case "other":
      return;
    default:
      kind satisfies never;
  }
}

function decodeKind(info: Uint8Array): LinkKind | undefined {
  const attributes = new AttributeReader(info, 0);
  const type = attributes.text(INFO.kind);
  if (type === undefined) return undefined;
  const data = new AttributeReader(attributes.bytes(INFO.data) ?? new Uint8Array(), 0);
  switch (type) {
    case "veth": {
      const peer = data.bytes(VETH_PEER);
      return peer === undefined ? { type } : { type, peer: decodeLink(peer) };
    }
    case "vlan":
      return { type, vlanId: data.u16(VLAN_ID) ?? 0 };
    case "bridge":
    case "dummy":
      return { type };
    default:
      return { type: "other", name: type };
  }
}
