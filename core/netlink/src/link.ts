import { macFromBytes, macToBytes, type Mac } from "@slash28/address";
import { attributesByType, encodeAttributes, nest, type Attribute } from "./attribute.ts";
import { defined } from "./defined.ts";
import { concat, readText, readU16, readU32, u16, u32, viewOf, zeroed, zeroTerminated } from "./bytes.ts";

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
  peerNamespaceId: 37,
} as const;
const INFO = { kind: 1, data: 2 } as const;
const VETH_PEER = 1;
const VLAN_ID = 1;

/** The message's payload: `struct ifinfomsg` and attributes. */
export function encodeLink(link: LinkMessage): Uint8Array {
  const header = zeroed(HEADER);
  header.view.setInt32(4, link.index ?? 0, true);
  if (link.up !== undefined) {
    header.view.setUint32(8, link.up ? IFF_UP : 0, true);
    header.view.setUint32(12, IFF_UP, true);
  }
  const attributes: Attribute[] = [];
  if (link.name !== undefined) attributes.push({ type: IFLA.name, data: zeroTerminated(link.name) });
  if (link.mac !== undefined) attributes.push({ type: IFLA.address, data: macToBytes(link.mac) });
  const numbers: readonly (readonly [number, number | undefined])[] = [
    [IFLA.mtu, link.mtu],
    [IFLA.link, link.peerIndex],
    [IFLA.master, link.master],
    [IFLA.group, link.group],
    [IFLA.namespaceFd, link.namespaceFd],
    [IFLA.peerNamespaceId, link.peerNamespaceId],
  ];
  for (const [type, value] of numbers) if (value !== undefined) attributes.push({ type, data: u32(value) });
  if (link.kind !== undefined) attributes.push(encodeKind(link.kind));
  return concat([header.bytes, encodeAttributes(attributes)]);
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
  const attributes = attributesByType(payload.subarray(HEADER));
  const number = (type: number): number | undefined => {
    const data = attributes.get(type);
    return data === undefined || data.length < 4 ? undefined : readU32(data);
  };
  const name = attributes.get(IFLA.name);
  const mac = attributes.get(IFLA.address);
  const info = attributes.get(IFLA.linkInfo);
  const kind = info === undefined ? undefined : decodeKind(info);
  return defined({
    index: index === 0 ? undefined : index,
    up: (change & IFF_UP) === 0 ? undefined : (flags & IFF_UP) !== 0,
    name: name === undefined ? undefined : readText(name),
    mac: mac?.length === 6 ? macFromBytes(mac) : undefined,
    mtu: number(IFLA.mtu),
    peerIndex: number(IFLA.link),
    master: number(IFLA.master),
    group: number(IFLA.group),
    namespaceFd: number(IFLA.namespaceFd),
    peerNamespaceId: number(IFLA.peerNamespaceId),
    kind,
  });
}

function encodeKind(kind: LinkKind): Attribute {
  const name: Attribute = { type: INFO.kind, data: zeroTerminated(kind.type === "other" ? kind.name : kind.type) };
  switch (kind.type) {
    case "veth":
      if (kind.peer === undefined) return nest(IFLA.linkInfo, [name]);
      return nest(IFLA.linkInfo, [name, nest(INFO.data, [{ type: VETH_PEER, data: encodeLink(kind.peer) }])]);
    case "vlan":
      return nest(IFLA.linkInfo, [name, nest(INFO.data, [{ type: VLAN_ID, data: u16(kind.vlanId) }])]);
    case "bridge":
    case "dummy":
    case "other":
      return nest(IFLA.linkInfo, [name]);
    default:
      return kind satisfies never;
  }
}

function decodeKind(info: Uint8Array): LinkKind | undefined {
  const attributes = attributesByType(info);
  const name = attributes.get(INFO.kind);
  if (name === undefined) return undefined;
  const type = readText(name);
  const data = attributesByType(attributes.get(INFO.data) ?? new Uint8Array());
  switch (type) {
    case "veth": {
      const peer = data.get(VETH_PEER);
      return peer === undefined ? { type } : { type, peer: decodeLink(peer) };
    }
    case "vlan": {
      const vlanId = data.get(VLAN_ID);
      return { type, vlanId: vlanId === undefined ? 0 : readU16(vlanId) };
    }
    case "bridge":
    case "dummy":
      return { type };
    default:
      return { type: "other", name: type };
  }
}
