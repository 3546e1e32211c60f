import { ipv4FromBytes, ipv4ToBytes, macFromBytes, macToBytes, type Ipv4, type Mac } from "@slash28/address";
import { AF_INET } from "./address.ts";
import { attributesByType, encodeAttributes, type Attribute } from "./attribute.ts";
import { concat, viewOf, zeroed } from "./bytes.ts";
import { defined } from "./defined.ts";

/** Neighbour states (rtnetlink(7) NUD), as bits. */
export const NEIGHBOUR_STATE = { none: 0, reachable: 0x02, stale: 0x04, permanent: 0x80 } as const;

/** The body of RTM_NEWNEIGH and RTM_DELNEIGH for IPv4. */
export interface NeighbourMessage {
  readonly index: number;
  readonly address: Ipv4;
  readonly state: number;
  /** The host answers ARP for this address on the link. */
  readonly proxy: boolean;
  readonly mac?: Mac;
}

const HEADER = 12;
const NDA = { address: 1, mac: 2 } as const;
const NTF_PROXY = 8;

/** The message's payload: `struct ndmsg` and attributes. */
export function encodeNeighbour(neighbour: NeighbourMessage): Uint8Array {
  const header = zeroed(HEADER);
  header.bytes[0] = AF_INET;
  header.view.setUint32(4, neighbour.index, true);
  header.view.setUint16(8, neighbour.state, true);
  header.bytes[10] = neighbour.proxy ? NTF_PROXY : 0;
  const attributes: Attribute[] = [{ type: NDA.address, data: ipv4ToBytes(neighbour.address) }];
  if (neighbour.mac !== undefined) attributes.push({ type: NDA.mac, data: macToBytes(neighbour.mac) });
  return concat([header.bytes, encodeAttributes(attributes)]);
}

/** Reads a payload of {@link encodeNeighbour} or of the kernel; `undefined` when it is of another family. */
export function decodeNeighbour(payload: Uint8Array): NeighbourMessage | undefined {
  const attributes = attributesByType(payload.subarray(HEADER));
  const address = attributes.get(NDA.address);
  if (payload[0] !== AF_INET || address?.length !== 4) return undefined;
  const view = viewOf(payload);
  const mac = attributes.get(NDA.mac);
  return defined<NeighbourMessage>({
    index: view.getUint32(4, true),
    address: ipv4FromBytes(address),
    state: view.getUint16(8, true),
    proxy: ((payload[10] ?? 0) & NTF_PROXY) !== 0,
    mac: mac?.length === 6 ? macFromBytes(mac) : undefined,
  });
}
