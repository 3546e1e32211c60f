import type { CarryOf } from "./eni.ts";

/** What a call asks for, of either family. */
type Asked = CarryOf<unknown, unknown>;

/** How many of the four ways to ask for addresses or prefixes are used. */
export function countAsks(carry: Asked): number {
  const named = Number((carry.addresses?.length ?? 0) > 0) + Number((carry.prefixes?.length ?? 0) > 0);
  return named + Number(carry.addressCount !== undefined) + Number(carry.prefixCount !== undefined);
}

/** How many addresses and prefixes the request would take. */
export function carrySlots(carry: Asked): { readonly addresses: number; readonly prefixes: number } {
  return {
    addresses: carry.addressCount ?? carry.addresses?.length ?? 0,
    prefixes: carry.prefixCount ?? carry.prefixes?.length ?? 0,
  };
}

/** So many picks, or `undefined` when there are not that many to be had. */
export function pickSome<T>(count: number, pick: () => T | undefined): T[] | undefined {
  const picked: T[] = [];
  while (picked.length < count) {
    const next = pick();
    if (next === undefined) return undefined;
    picked.push(next);
  }
  return picked;
}
