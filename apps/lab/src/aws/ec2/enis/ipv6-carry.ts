import { readCidr6, readIpv6, type Ipv6Carry } from "@slash28/vpc";
import { answer } from "../../action.ts";

/** The four ways a request says what IPv6 an ENI carries; the model refuses more than one. */
export interface WireIpv6Carry {
  readonly addresses?: readonly (string | undefined)[] | undefined;
  readonly addressCount?: number | undefined;
  readonly prefixes?: readonly (string | undefined)[] | undefined;
  readonly prefixCount?: number | undefined;
}

/** Absent lists and empty ones are the same on the wire; `undefined` when nothing is said of IPv6. */
export function ipv6CarryOf({ addresses = [], addressCount, prefixes = [], prefixCount }: WireIpv6Carry): Ipv6Carry | undefined {
  const carry: Ipv6Carry = {
    ...(addresses.length === 0 ? {} : { addresses: addresses.map((text) => answer(readIpv6(text ?? ""))) }),
    ...(addressCount === undefined ? {} : { addressCount }),
    ...(prefixes.length === 0 ? {} : { prefixes: prefixes.map((text) => answer(readCidr6(text ?? "", "ipv6Prefix"))) }),
    ...(prefixCount === undefined ? {} : { prefixCount }),
  };
  return Object.keys(carry).length === 0 ? undefined : carry;
}
