import { macFromBytes, macToBytes, type Ipv4, type Mac } from "@slash28/address";
import { AF_INET } from "./address.ts";
import { AttributeReader } from "./attribute-reader.ts";
import { viewOf } from "./bytes.ts";
import { defined } from "./defined.ts";
import { PayloadWriter } from "./payload-writer.ts";

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
export const NDA = { address: 1, mac: 2, link: 8 } as const;
const NTF_PROXY = 8;

/** The message's payload: `struct ndmsg` and attributes. */
export function encodeNeighbour(neighbour: NeighbourMessage): Uint8Array {
  const to = new PayloadWriter();
  const header = to.structure(HEADER);
  to.setU8(header, AF_INET);
  to.setU32(header + 4, neighbour.index);
  to.setU16(header + 8, neighbour.state);
  to.setU8(header + 10, neighbour.proxy ? NTF_PROXY : 0);
  to.bigEndianU32(NDA.address, neighbour.address);
  if (neighbour.mac !== undefined) to.bytes(NDA.mac, macToBytes(neighbour.mac));
  return to.finish();
}

/** Reads a payload of {@link encodeNeighbour} or of the kernel; `undefined` when it is of another family. */
export function decodeNeighbour(payload: Uint8Array): NeighbourMessage | undefined {
  if (payload[0] !== AF_INET) return undefined;
  const attributes = new AttributeReader(payload, HEADER);
  const address = attributes.ipv4(NDA.address);
  if (address === undefined) return undefined;
  const view = viewOf(payload);
  const mac = attributes.bytes(NDA.mac);
  return defined<NeighbourMessage>({
    index: view.getUint32(4, true),
    address,
    state: view.getUint16(8, true),
    proxy: ((payload[10] ?? 0) & NTF_PROXY) !== 0,
    mac: mac?.length === 6 ? macFromBytes(mac) : undefined,
  });
}
