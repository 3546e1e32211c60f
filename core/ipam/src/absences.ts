import { cidr4Of, type Cidr4, type EniId, type Ipv4 } from "@slash28/address";
import type { Ledger } from "./ledger.ts";
import { EC2_LAG_MS } from "./observe.ts";
import type { Millis } from "./reservation.ts";

/** What one answer of EC2 has of an ENI. */
export interface ListedEni {
  readonly id: EniId;
  /** With or without the primary one. */
  readonly addresses: readonly Ipv4[];
  readonly prefixes: readonly Cidr4[];
}

/** An ENI of the ledger that an answer of EC2 lacks, or a block of one. */
export interface Absence {
  readonly eni: EniId;
  readonly cidr?: Cidr4;
}

/** The second answer that an absence takes comes this long after the first. */
export const CONFIRM_AFTER_MS = 1_000;

/**
 * What the ledger has and an answer about all ENIs lacks, though it is old enough for EC2 to know it: a question that a second answer settles,
 * since EC2 is eventually consistent. What was found lost or gone before is not asked for again.
 */
export function absencesIn(ledger: Ledger, listed: readonly ListedEni[], now: Millis): readonly Absence[] {
  const shown = new Map(listed.map((eni) => [eni.id, new Set(rangesOf(eni).map(textOf))]));
  return ledger.enis().flatMap((eni) => {
    const { id } = eni.facts;
    const ranges = shown.get(id);
    if (ranges === undefined && now - eni.addedAt < EC2_LAG_MS) return [];
    const blocks = [...eni.blocks.values()]
      .filter((block) => !block.isLost && now - block.addedAt >= EC2_LAG_MS && ranges?.has(textOf(block.cidr)) !== true)
      .map((block): Absence => ({ eni: id, cidr: block.cidr }));
    return ranges === undefined && !eni.isGone ? [{ eni: id }, ...blocks] : blocks;
  });
}

/** What is listed now, with what of the ledger's an earlier answer had: only what both lack is absent. */
export function listedInEither<E extends ListedEni>(ledger: Ledger, earlier: readonly E[], now: readonly E[]): readonly E[] {
  const before = new Map(earlier.filter((eni) => ledger.eni(eni.id) !== undefined).map((eni) => [eni.id, eni]));
  const both = now.map((eni): E => {
    const had = before.get(eni.id);
    before.delete(eni.id);
    return had === undefined ? eni : withKnown(ledger, eni, had);
  });
  return [...both, ...before.values()];
}

function withKnown<E extends ListedEni>(ledger: Ledger, eni: E, had: E): E {
  const blocks = ledger.eni(eni.id)?.blocks;
  const shown = new Set(rangesOf(eni).map(textOf));
  const kept = rangesOf(had).filter((cidr) => blocks?.get(cidr.base)?.cidr.length === cidr.length && !shown.has(textOf(cidr)));
  if (kept.length === 0) return eni;
  const addresses = [...eni.addresses, ...kept.filter((cidr) => cidr.length === 32).map((cidr) => cidr.base)];
  return { ...eni, addresses, prefixes: [...eni.prefixes, ...kept.filter((cidr) => cidr.length < 32)] };
}

/** Addresses and prefixes as ranges of one kind: each address as a /32. */
export function rangesOf({ addresses, prefixes }: Pick<ListedEni, "addresses" | "prefixes">): readonly Cidr4[] {
  return [...addresses.map((address) => cidr4Of(address, 32)), ...prefixes];
}

function textOf({ base, length }: Cidr4): string {
  return `${base}/${length}`;
}
