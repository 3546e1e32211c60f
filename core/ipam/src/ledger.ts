import { cidr4Has, cidr4Of, cidr4Size, offsetIpv4, type Cidr4, type EniId, type Ipv4 } from "@slash28/address";
import { AbsentAddresses } from "./absent-addresses.ts";
import {
  blockKindOfCidr,
  byDevice,
  isAmong,
  makeBlock,
  makeEni,
  noteReleased,
  releasedAt,
  type Block,
  type EniState,
  type LedgerEni,
  type Slot,
} from "./block.ts";
import { NO_REFUSALS } from "./capacity.ts";
import { chooseBlock, chooseIndex } from "./choose-slot.ts";
import { CooldownQueue } from "./cooldown.ts";
import { DemandMemory } from "./demand-memory.ts";
import { FreeFloor } from "./free-floor.ts";
import { Holders, Holding } from "./holders.ts";
import { inspectEni, viewEni, type InspectedEni } from "./ledger-view.ts";
import type { LedgerOptions, ViewOutside } from "./ledger-options.ts";
import { Patience } from "./patience.ts";
import type { BlockKind, EniView, PoolView, Tally } from "./pool-view.ts";
import { podText, type BookedReservation, type Millis, type PodOwner, type Reservation, type SandboxKey } from "./reservation.ts";
import type { PlaceResult, ReserveResult } from "./reserve-result.ts";
import { RemovedBlocks } from "./removed-blocks.ts";
import { Tallies } from "./tallies.ts";

/**
 * A node's addresses and who holds them: ENI → block → address. The one owner of that truth; every method is synchronous and takes the time,
 * so a run can be replayed. Counts are kept, not counted.
 */
export class Ledger {
  readonly kind: BlockKind;
  readonly cooldownMs: number;
  /** What is known of addresses that no ENI of the ledger has. */
  readonly absent = new AbsentAddresses();
  /** What pods asked for; absent unless it is to be remembered. */
  readonly demand: DemandMemory | undefined;
  /** Primary first, then by device index. */
  #enis: readonly EniState[] = [];
  readonly #holders = new Holders();
  readonly #tallies = new Tallies();
  readonly #resting = new CooldownQueue();
  readonly #patience = new Patience();
  readonly #floor = new FreeFloor(this.#patience);
  readonly #removed = new RemovedBlocks();
  #lastNow: Millis = 0;

  constructor(options: LedgerOptions) {
    this.kind = options.kind;
    this.cooldownMs = options.cooldownMs;
    this.demand = options.remembersDemand === true ? new DemandMemory() : undefined;
  }

  /** Gives a sandbox an address, or the one it has. Falls back to blocks of the other mode when the current one has none left. */
  reserve(key: SandboxKey, owner: PodOwner | undefined, now: Millis): ReserveResult {
    this.settle(now);
    const had = this.#holders.get(key);
    if (had !== undefined) return { kind: "reserved", reservation: had, isNew: false };
    const block = chooseBlock(this.#enis, this.kind) ?? chooseBlock(this.#enis, otherKind(this.kind));
    this.demand?.asked(podText(key, owner), block !== undefined, this.#tallies.usedOf(this.kind) + 1, now);
    if (block === undefined) {
      const nextFreeAt = this.#resting.nextAt;
      return { kind: "no-free-address", counts: this.counts(now), ...(nextFreeAt === undefined ? {} : { nextFreeAt }) };
    }
    const address = offsetIpv4(block.base, chooseIndex(block));
    const reservation = new Holding(
      owner === undefined ? { key, address, reservedAt: now } : { key, address, owner, reservedAt: now },
      block,
    );
    this.#hold(block, reservation);
    this.#noteFree(now);
    return { kind: "reserved", reservation, isNew: true };
  }

  /** Takes a sandbox's address back and lets it rest; `undefined` when the sandbox holds none (releasing twice is fine). */
  release(key: SandboxKey, now: Millis): Reservation | undefined {
    this.settle(now);
    const holding = this.#holders.get(key) ?? this.#holders.getLegacy(key);
    if (holding === undefined) return undefined;
    this.#letGo(holding);
    const block = Holding.blockOf(holding);
    const index = holding.address - block.base;
    noteReleased(block, index, now);
    if (this.cooldownMs > 0) this.#rest(block, index, now + this.cooldownMs);
    // Nobody is left to keep it for, and EC2 may give its addresses to another ENI of the node.
    if (block.isLost) this.dropBlock(block.eni.facts.id, block.cidr, now);
    return holding;
  }

  /** Undoes a reservation that never reached anyone (its journal entry failed): no rest, as if it had not been. */
  cancel(key: SandboxKey): boolean {
    const holding = this.#holders.get(key);
    if (holding === undefined) return false;
    this.#letGo(holding);
    return true;
  }

  /** Puts a known reservation back on its address: at start from the journal, or when a release could not be recorded. Ignores rest. */
  place(reservation: BookedReservation): PlaceResult {
    const { key, address } = reservation;
    const had = this.#holders.get(key);
    if (had !== undefined) return had.address === address ? "placed" : "key-elsewhere";
    const block = this.#blockOf(address);
    if (block === undefined) return "no-such-address";
    const index = address - block.base;
    if (isAmong(block.heldBits, index)) return "taken";
    this.#wakeUp(block, index);
    this.#hold(block, new Holding(reservation, block));
    return "placed";
  }

  /** Lets an address rest that the journal says was released at this time; `false` when there is no such free address now. */
  rest(address: Ipv4, releasedAt: Millis, now: Millis): boolean {
    const block = this.#blockOf(address);
    if (block === undefined) {
      this.absent.rests(address, Math.min(releasedAt, now), this.cooldownMs, now);
      return false;
    }
    const index = address - block.base;
    if (isAmong(block.heldBits, index)) return false;
    this.#wakeUp(block, index);
    const at = Math.min(releasedAt, now);
    noteReleased(block, index, at);
    if (at + this.cooldownMs > now) this.#rest(block, index, at + this.cooldownMs);
    return true;
  }

  reservationOf(key: SandboxKey): Reservation | undefined {
    return this.#holders.get(key) ?? this.#holders.getLegacy(key);
  }

  /** Every reservation, oldest first. */
  reservations(): readonly Reservation[] {
    return [...this.#holders.values()];
  }

  /** Adds an ENI, or takes its new facts; its blocks stay. */
  addEni(facts: LedgerEni, now: Millis): void {
    const known = this.#eni(facts.id);
    if (known !== undefined) {
      this.#tallies.acrossEni(known, () => (known.facts = facts));
      return;
    }
    this.#enis = this.#enis.concat(makeEni(facts, now)).sort(byDevice);
  }

  /** Adds a /32 or /28 to an ENI. `false` when the ENI is unknown, the length is neither, or the ledger has one of its addresses already. */
  addBlock(eniId: EniId, cidr: Cidr4, now: Millis): boolean {
    const eni = this.#eni(eniId);
    const kind = blockKindOfCidr(cidr);
    if (eni === undefined || kind === undefined) return false;
    if (this.#isKnown(cidr)) {
      if (eni.blocks.get(cidr.base)?.kind !== kind) (eni.unplaced ??= new Map()).set(cidr.base, cidr);
      eni.view = undefined;
      return false;
    }
    eni.unplaced?.delete(cidr.base);
    const block = makeBlock(eni, cidr, kind, now);
    eni.blocks.set(cidr.base, block);
    this.#tallies.add(block, 1);
    this.#removed.forget(cidr);
    this.#patience.grew(now);
    const { released, carriers } = this.absent.takeOut(cidr);
    for (const [address, at] of released) this.rest(address, at, now);
    for (const carrier of carriers) this.place(carrier);
    return true;
  }

  /** Forgets what could not be placed on an ENI and that EC2 no longer lists there. */
  forgetUnplaced(eniId: EniId, isListed: (cidr: Cidr4) => boolean): void {
    const eni = this.#eni(eniId);
    if (eni?.unplaced === undefined) return;
    for (const cidr of eni.unplaced.values()) if (!isListed(cidr)) eni.unplaced.delete(cidr.base);
    if (eni.unplaced.size === 0) eni.unplaced = undefined;
    eni.view = undefined;
  }

  /** Stops giving out these blocks before EC2 is asked to take them; only those that are free and not resting. Returns the ones stopped. */
  withdraw(eniId: EniId, cidrs: readonly Cidr4[], now: Millis): readonly Cidr4[] {
    this.settle(now);
    const eni = this.#eni(eniId);
    const blocks = cidrs.flatMap((cidr) => eni?.blocks.get(cidr.base) ?? []).filter((block) => block.assigned + block.cooling === 0);
    this.#close(blocks, true);
    if (blocks.some((block) => block.kind === this.kind)) this.#patience.handedBack(now);
    return blocks.map((block) => block.cidr);
  }

  /** Gives withdrawn blocks out again: EC2 kept them. */
  restore(eniId: EniId, cidrs: readonly Cidr4[]): void {
    const eni = this.#eni(eniId);
    const blocks = cidrs.flatMap((cidr) => eni?.blocks.get(cidr.base) ?? []);
    this.#close(blocks, false);
  }

  /** Forgets a block that EC2 took back. Refused, `false`, while a pod holds an address of it. */
  dropBlock(eniId: EniId, cidr: Cidr4, now: Millis): boolean {
    const block = this.#eni(eniId)?.blocks.get(cidr.base);
    if (block === undefined || block.assigned > 0) return false;
    this.#tallies.add(block, -1);
    if (block.cooling > 0) this.#forgetRests(block, now);
    block.eni.blocks.delete(cidr.base);
    this.#removed.add(cidr, now);
    this.#noteFree(now);
    return true;
  }

  /** Marks whether EC2 still lists a block that pods hold. A lost block gives out nothing new. */
  markLost(eniId: EniId, cidr: Cidr4, isLost: boolean): void {
    const block = this.#eni(eniId)?.blocks.get(cidr.base);
    if (block !== undefined && block.isLost !== isLost) this.#tallies.across([block], () => (block.isLost = isLost));
  }

  /** Stops giving out an ENI's addresses before it is detached. `false`, and nothing changes, while one is held or rests. */
  withdrawEni(eniId: EniId, now: Millis): boolean {
    this.settle(now);
    const eni = this.#eni(eniId);
    if (eni === undefined || eni.assigned + eni.cooling > 0) return false;
    this.#tallies.acrossEni(eni, () => (eni.isLeaving = true));
    if (eni.blocks.size > 0) this.#patience.handedBack(now);
    return true;
  }

  /** Uses an ENI again: it could not be detached. */
  restoreEni(eniId: EniId): void {
    const eni = this.#eni(eniId);
    if (eni !== undefined) this.#tallies.acrossEni(eni, () => (eni.isLeaving = false));
  }

  /** Marks whether EC2 still lists an ENI that pods hold addresses of. One that is gone gives out nothing, and is not planned with. */
  markGone(eniId: EniId, isGone: boolean): void {
    const eni = this.#eni(eniId);
    if (eni !== undefined && eni.isGone !== isGone) this.#tallies.acrossEni(eni, () => (eni.isGone = isGone));
  }

  /** Forgets an ENI that is gone. Refused, `false`, while a pod holds an address of it. */
  dropEni(eniId: EniId, now: Millis): boolean {
    const eni = this.#eni(eniId);
    if (eni === undefined || eni.assigned > 0) return false;
    for (const block of eni.blocks.values()) this.dropBlock(eniId, block.cidr, now);
    this.#enis = this.#enis.filter((other) => other !== eni);
    return true;
  }

  /** The ENIs, primary first, then by device index; for reading only. */
  enis(): readonly Readonly<EniState>[] {
    return this.#enis;
  }

  /** One ENI; for reading only. */
  eni(eniId: EniId): Readonly<EniState> | undefined {
    return this.#eni(eniId);
  }

  /** The ENIs with every address that is or was used, for introspection. */
  inspect(): readonly InspectedEni[] {
    return this.#enis.map((eni) => inspectEni(eni, (block) => this.slotsOf(block)));
  }

  /** When a block that the ledger no longer has was forgotten; `undefined` also when that is minutes ago. */
  removedAt(cidr: Cidr4): Millis | undefined {
    return this.#removed.at(cidr);
  }

  /** The state of one address. */
  slotOf(address: Ipv4): Slot | undefined {
    const block = this.#blockOf(address);
    return block === undefined ? undefined : this.slotsOf(block)[address - block.base];
  }

  /** The state of each address of a block. Puts it together from what is kept by sandbox and in order of time: not for what a pod waits for. */
  slotsOf(block: Block): readonly Slot[] {
    const holders = this.#holders.of(block);
    return Array.from({ length: block.size }, (_, index): Slot => {
      const address = offsetIpv4(block.base, index);
      const coolUntil = isAmong(block.coolingBits, index) ? this.#resting.endOf(block, index) : undefined;
      return { address, block, holder: holders.get(address), releasedAt: releasedAt(block, index), coolUntil };
    });
  }

  /** Addresses of the node by state, both modes together. */
  counts(now: Millis): Tally {
    this.settle(now);
    return this.#tallies.all();
  }

  /** What the planner needs, copied. */
  view(outside: ViewOutside, now: Millis): PoolView {
    this.settle(now);
    this.#noteFree(now);
    const enis: EniView[] = [];
    for (const eni of this.#enis) if (!eni.isGone) enis.push(viewEni(eni));
    return {
      kind: this.kind,
      enis,
      current: this.#tallies.of(this.kind),
      leftover: this.#tallies.of(otherKind(this.kind)),
      freeFloor: this.#floor.lowest,
      leftoverFloor: this.#floor.lowestOfOther,
      floorChangesAt: this.#floor.changesAt,
      nextFreeAt: this.#resting.nextAt,
      forecast: this.demand?.forecast(this.#tallies.usedOf(this.kind), now),
      waiting: outside.waiting ?? 0,
      capacity: outside.capacity ?? NO_REFUSALS,
      frozen: outside.frozen,
    };
  }

  /** Ends the rests that are over by `now`. Called by every method that needs it. */
  settle(now: Millis): void {
    if (now < this.#lastNow) this.#resting.limit(now + this.cooldownMs);
    this.#lastNow = now;
    for (let rest = this.#resting.wake(now); rest !== undefined; rest = this.#resting.wake(now)) {
      this.#endRest(rest.block, rest.index);
      this.#noteFree(rest.until);
    }
  }

  #eni(eniId: EniId): EniState | undefined {
    for (const eni of this.#enis) if (eni.facts.id === eniId) return eni;
    return undefined;
  }

  /** The block with this address. */
  #blockOf(address: Ipv4): Block | undefined {
    for (const eni of this.#enis) {
      const block = eni.blocks.get(address) ?? eni.blocks.get(cidr4Of(address, 28).base);
      if (block !== undefined && cidr4Has(block.cidr, address)) return block;
    }
    return undefined;
  }

  #hold(block: Block, holding: Holding): void {
    this.#holders.add(holding);
    block.heldBits |= 1 << (holding.address - block.base);
    this.#tallies.assign(block, 1);
  }

  #letGo(holding: Holding): void {
    const block = Holding.blockOf(holding);
    this.#holders.delete(holding.key);
    block.heldBits &= ~(1 << (holding.address - block.base));
    this.#tallies.assign(block, -1);
  }

  #rest(block: Block, index: number, until: Millis): void {
    this.#resting.add(block, index, until);
    block.coolingBits |= 1 << index;
    this.#tallies.cool(block, 1);
  }

  #wakeUp(block: Block, index: number): void {
    if (!isAmong(block.coolingBits, index)) return;
    this.#resting.drop(block, index);
    this.#endRest(block, index);
  }

  #endRest(block: Block, index: number): void {
    block.coolingBits &= ~(1 << index);
    this.#tallies.cool(block, -1);
  }

  /** Of a block that is no longer counted: its addresses may come back while they should rest. */
  #forgetRests(block: Block, now: Millis): void {
    block.eni.cooling -= block.cooling;
    this.#resting.drop(block);
    for (let index = 0; index < block.size; index++) {
      const at = isAmong(block.coolingBits, index) ? releasedAt(block, index) : undefined;
      if (at !== undefined) this.absent.rests(offsetIpv4(block.base, index), at, this.cooldownMs, now);
    }
  }

  #close(blocks: readonly Block[], isLeaving: boolean): void {
    this.#tallies.across(blocks, () => {
      for (const block of blocks) block.isLeaving = isLeaving;
    });
  }

  #noteFree(now: Millis): void {
    this.#floor.note(this.#tallies.freeOf(this.kind), this.#tallies.freeOf(otherKind(this.kind)), now);
  }

  /** Whether an address of the range is in some block already: no two blocks may share one. */
  #isKnown(cidr: Cidr4): boolean {
    for (let i = 0; i < cidr4Size(cidr); i++) if (this.#blockOf(offsetIpv4(cidr.base, i)) !== undefined) return true;
    return false;
  }
}

function otherKind(kind: BlockKind): BlockKind {
  return kind === "prefix" ? "address" : "prefix";
}
