import { cidr4Of, type Cidr4, type EniId, type Ipv4, type SubnetId } from "@slash28/address";
import type { LedgerEni } from "./block.ts";
import { isPrimaryEni } from "./ledger-view.ts";
import type { Ledger } from "./ledger.ts";
import type { Millis, Reservation } from "./reservation.ts";

/** One attached ENI as EC2 or the metadata service shows it. */
export interface ObservedEni {
  readonly id: EniId;
  readonly mac: string;
  readonly subnetId: SubnetId;
  readonly deviceIndex: number;
  readonly networkCard: number;
  readonly primaryAddress: Ipv4;
  /** Secondary addresses; the primary one among them is passed over. */
  readonly addresses: readonly Ipv4[];
  readonly prefixes: readonly Cidr4[];
  /** EC2's interface type; the metadata service does not tell. */
  readonly kind?: "interface" | "trunk" | "branch" | "efa" | "efa-only" | "other";
}

export interface Observation {
  /** `metadata` trails EC2 by seconds: what it shows is taken, what it lacks is only a question. */
  readonly source: "metadata" | "ec2";
  /** Managed ENIs of network card 0. */
  readonly enis: readonly ObservedEni[];
  /** The ENIs that were asked for, if not all: absence of others means nothing. */
  readonly asked?: readonly EniId[];
}

export interface ObservePolicy {
  readonly customNetworking: boolean;
  /** Subnets whose ENIs take no pods. */
  readonly excludedSubnets?: ReadonlySet<SubnetId>;
}

/** What an observation changed, and what it leaves open. */
export interface Observed {
  readonly newEnis: readonly EniId[];
  readonly added: readonly Cidr4[];
  readonly dropped: readonly Cidr4[];
  readonly goneEnis: readonly EniId[];
  /** Pods whose address EC2 no longer lists; they keep it, nobody new gets it. */
  readonly lost: readonly Reservation[];
  /** ENIs to ask EC2 about: the metadata service lacks something of theirs. */
  readonly unconfirmed: readonly EniId[];
}

/** The metadata service may show an unassigned address for this long. */
export const METADATA_LAG_MS = 60_000;
/** EC2's own answers may trail its writes for this long. */
export const EC2_LAG_MS = 10_000;

interface Changes {
  readonly newEnis: EniId[];
  readonly added: Cidr4[];
  readonly dropped: Cidr4[];
  readonly goneEnis: EniId[];
  readonly lost: Reservation[];
  readonly unconfirmed: EniId[];
}

/**
 * Merges what is attached into the ledger. New ENIs and addresses are taken over, except what was handed back a moment ago and still shows.
 * An absence counts only when EC2 says so and the block is old enough for EC2 to know it, and never takes an address from a pod: upstream
 * drops those on a stale answer of the metadata service, and running pods lose their network.
 */
export function observe(ledger: Ledger, observation: Observation, policy: ObservePolicy, now: Millis): Observed {
  const changes: Changes = { newEnis: [], added: [], dropped: [], goneEnis: [], lost: [], unconfirmed: [] };
  const seen = new Set<EniId>();
  for (const eni of observation.enis) {
    if (eni.kind === "efa-only" || eni.kind === "branch") continue;
    seen.add(eni.id);
    takeOver(ledger, eni, observation, policy, { changes, now });
    compareBlocks(ledger, eni, observation.source, { changes, now });
  }
  const asked = observation.asked === undefined ? undefined : new Set(observation.asked);
  for (const eni of ledger.enis()) {
    const { id } = eni.facts;
    if (seen.has(id) || asked?.has(id) === false) continue;
    // An absence that EC2 confirmed is no question again, until the last pod has left.
    if (observation.source === "metadata") {
      if (!eni.isGone || eni.assigned === 0) changes.unconfirmed.push(id);
    } else if (now - eni.addedAt >= EC2_LAG_MS) loseEni(ledger, id, { changes, now });
  }
  return changes;
}

interface Pass {
  readonly changes: Changes;
  readonly now: Millis;
}

function takeOver(ledger: Ledger, eni: ObservedEni, observation: Observation, policy: ObservePolicy, pass: Pass): void {
  const wasGone = ledger.eni(eni.id)?.isGone === true;
  if (wasGone && observation.source === "metadata") return;
  ledger.markGone(eni.id, false);
  const known = ledger.eni(eni.id)?.facts;
  const facts = factsOf(eni, known, policy);
  if (known === undefined || wasGone) pass.changes.newEnis.push(eni.id);
  if (known === undefined || !sameFacts(known, facts)) ledger.addEni(facts, pass.now);
  const lagMs = observation.source === "metadata" ? METADATA_LAG_MS : EC2_LAG_MS;
  for (const cidr of cidrsOf(eni)) {
    const removedAt = ledger.removedAt(cidr);
    if (removedAt !== undefined && pass.now - removedAt < lagMs) continue;
    if (ledger.addBlock(eni.id, cidr, pass.now)) pass.changes.added.push(cidr);
  }
}

function compareBlocks(ledger: Ledger, eni: ObservedEni, source: Observation["source"], pass: Pass): void {
  const present = new Set(cidrsOf(eni).map((cidr) => `${cidr.base}/${cidr.length}`));
  const isPresent = (cidr: Cidr4): boolean => present.has(`${cidr.base}/${cidr.length}`);
  if (source === "ec2") ledger.forgetUnplaced(eni.id, isPresent);
  const state = ledger.eni(eni.id);
  const unplaced = [...(state?.unplaced?.values() ?? [])];
  let isShort = state?.isGone === true || !unplaced.every(isPresent);
  const blocks = state === undefined ? [] : state.blocks.values();
  for (const block of blocks) {
    if (isPresent(block.cidr)) {
      if (source === "ec2") ledger.markLost(eni.id, block.cidr, false);
      else if (block.isLost) isShort = true;
      continue;
    }
    isShort = true;
    if (source === "ec2" && pass.now - block.addedAt >= EC2_LAG_MS) loseBlock(ledger, eni.id, block.cidr, pass);
  }
  if (isShort && source === "metadata") pass.changes.unconfirmed.push(eni.id);
}

function loseEni(ledger: Ledger, eniId: EniId, pass: Pass): void {
  const state = ledger.eni(eniId);
  for (const block of state?.blocks.values() ?? []) loseBlock(ledger, eniId, block.cidr, pass);
  if (ledger.dropEni(eniId, pass.now)) pass.changes.goneEnis.push(eniId);
  else ledger.markGone(eniId, true);
}

function loseBlock(ledger: Ledger, eniId: EniId, cidr: Cidr4, pass: Pass): void {
  if (ledger.dropBlock(eniId, cidr, pass.now)) {
    pass.changes.dropped.push(cidr);
    return;
  }
  ledger.markLost(eniId, cidr, true);
  const block = ledger.eni(eniId)?.blocks.get(cidr.base);
  for (const { holder } of block === undefined ? [] : ledger.slotsOf(block)) if (holder !== undefined) pass.changes.lost.push(holder);
}

function factsOf(eni: ObservedEni, known: LedgerEni | undefined, policy: ObservePolicy): LedgerEni {
  const role = roleOf(eni.kind) ?? known?.role ?? "interface";
  const isKeptFree = policy.customNetworking && isPrimaryEni(eni);
  return {
    id: eni.id,
    mac: eni.mac,
    subnetId: eni.subnetId,
    deviceIndex: eni.deviceIndex,
    networkCard: eni.networkCard,
    primaryAddress: eni.primaryAddress,
    role,
    takesPods: role !== "trunk" && !isKeptFree && policy.excludedSubnets?.has(eni.subnetId) !== true,
  };
}

function roleOf(kind: ObservedEni["kind"]): LedgerEni["role"] | undefined {
  if (kind === undefined) return undefined;
  return kind === "trunk" || kind === "efa" ? kind : "interface";
}

function sameFacts(a: LedgerEni, b: LedgerEni): boolean {
  return (
    a.mac === b.mac &&
    a.deviceIndex === b.deviceIndex &&
    a.networkCard === b.networkCard &&
    a.primaryAddress === b.primaryAddress &&
    a.subnetId === b.subnetId &&
    a.role === b.role &&
    a.takesPods === b.takesPods
  );
}

/** The ENI's slots as ranges: each secondary address as /32, each prefix as it is. */
function cidrsOf(eni: ObservedEni): readonly Cidr4[] {
  const single = eni.addresses.filter((address) => address !== eni.primaryAddress).map((address) => cidr4Of(address, 32));
  return [...single, ...eni.prefixes];
}
