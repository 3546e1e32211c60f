import { ipv4FromBytes, ipv4ToBytes, type Ipv4 } from "@slash28/address";
import { attributesByType, encodeAttributes, type Attribute } from "./attribute.ts";
import { concat, readU32, u32, viewOf, zeroed } from "./bytes.ts";

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
  const header = zeroed(HEADER);
  header.bytes.set([AF_INET, message.length, 0, message.scope]);
  header.view.setUint32(4, message.index, true);
  const attributes: Attribute[] = [
    { type: IFA.local, data: ipv4ToBytes(message.address) },
    { type: IFA.address, data: ipv4ToBytes(message.address) },
  ];
  if (message.noPrefixRoute) attributes.push({ type: IFA.flags, data: u32(NO_PREFIX_ROUTE) });
  return concat([header.bytes, encodeAttributes(attributes)]);
}

/** Reads a payload of {@link encodeAddress} or of the kernel; `undefined` when it is of another family or has no address. */
export function decodeAddress(payload: Uint8Array): AddressMessage | undefined {
  const attributes = attributesByType(payload.subarray(HEADER));
  const local = attributes.get(IFA.local) ?? attributes.get(IFA.address);
  if (payload[0] !== AF_INET || local === undefined) return undefined;
  const flags = attributes.get(IFA.flags);
  return {
    index: viewOf(payload).getUint32(4, true),
    address: ipv4FromBytes(local),
    length: payload[1] ?? 32,
    scope: payload[3] ?? SCOPE.global,
    noPrefixRoute: flags !== undefined && (readU32(flags) & NO_PREFIX_ROUTE) !== 0,
  };
}
