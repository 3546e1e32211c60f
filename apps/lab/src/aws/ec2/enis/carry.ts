import type { Carry } from "@slash28/vpc";
import { readAddress, readCidr } from "@slash28/vpc";
import { answer } from "../../action.ts";

/** The four ways a request says what an ENI carries besides its primary address; the model refuses more than one. */
export interface WireCarry {
  readonly addresses?: readonly string[] | undefined;
  readonly addressCount?: number | undefined;
  readonly prefixes?: readonly (string | undefined)[] | undefined;
  readonly prefixCount?: number | undefined;
}

/** Absent lists and empty ones are the same on the wire. */
export function carryOf({ addresses = [], addressCount, prefixes = [], prefixCount }: WireCarry): Carry {
  return {
    ...(addresses.length === 0 ? {} : { addresses: addresses.map((text) => answer(readAddress(text))) }),
    ...(addressCount === undefined ? {} : { addressCount }),
    ...(prefixes.length === 0 ? {} : { prefixes: prefixes.map((text) => answer(readCidr(text ?? "", "ipv4Prefix"))) }),
    ...(prefixCount === undefined ? {} : { prefixCount }),
  };
}
