import type { Ipv4 } from "@slash28/address";
import { AttributeReader } from "./attribute-reader.ts";
import { viewOf } from "./bytes.ts";
import { PayloadWriter } from "./payload-writer.ts";

/** Where an address or a destination counts: rtnetlink(7) RT_SCOPE. */
export const SCOPE = { global: 0, link: 253, host: 254 } as const;

export const AF_INET = 2;

/** The body of RTM_NEWADDR and RTM_DELADDR for IPv4. */
export interface AddressMessage {
  readonly index: number;
  readonly address: Ipv4;
  readonly length: number;
  readonly scope: number;
  /** IFA_F_NOPREFIXROUTE: the kernel adds no route to the subnet. */
  readonly noPrefixRoute: boolean;
}

const HEADER = 8;
const IFA = { address: 1, local: 2, flags: 8 } as const;
const NO_PREFIX_ROUTE = 0x200;

/** The message's payload: `struct ifaddrmsg` and attributes. */
export function encodeAddress(message: AddressMessage): Uint8Array {
  const to = new PayloadWriter();
  const header = to.structure(HEADER);
  to.setU8(header, AF_INET);
  to.setU8(header + 1, message.length);
  to.setU8(header + 3, message.scope);
  to.setU32(header + 4, message.index);
  to.bigEndianU32(IFA.local, message.address);
  to.bigEndianU32(IFA.address, message.address);
  if (message.noPrefixRoute) to.u32(IFA.flags, NO_PREFIX_ROUTE);
  return to.finish();
}

/** Reads a payload of {@link encodeAddress} or of the kernel; `undefined` when it is of another family or has no address. */
export function decodeAddress(payload: Uint8Array): AddressMessage | undefined {
  if (payload[0] !== AF_INET) return undefined;
  const attributes = new AttributeReader(payload, HEADER);
  const address = attributes.ipv4(IFA.local) ?? attributes.ipv4(IFA.address);
  if (address === undefined) return undefined;
  return {
    index: viewOf(payload).getUint32(4, true),
    address,
    length: payload[1] ?? 32,
    scope: payload[3] ?? SCOPE.global,
    noPrefixRoute: ((attributes.u32(IFA.flags) ?? 0) & NO_PREFIX_ROUTE) !== 0,
  };
}
