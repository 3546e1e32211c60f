import { cidr4Has, cidr4Of, cidr4Size, offsetIpv4, type Cidr4, type EniId, type Ipv4 } from "@slash28/address";
import { AbsentAddresses } from "./absent-addresses.ts";
import { blockKindOfCidr, makeBlock, makeEni, type Block, type EniState, type LedgerEni, type Slot } from "./block.ts";
import { NO_REFUSALS, type Capacity } from "./capacity.ts";
import { chooseSlot } from "./choose-slot.ts";
import { CooldownQueue } from "./cooldown.ts";
import { DemandMemory } from "./demand-memory.ts";
import { FreeFloor } from "./free-floor.ts";
import { inspectEni, viewEni, type InspectedEni } from "./ledger-view.ts";
import { Patience } from "./patience.ts";
import type { BlockKind, FrozenReason, PoolView, Tally } from "./pool-view.ts";
import { keyText, type BookedReservation, type Millis, type PodOwner, type Reservation, type SandboxKey } from "./reservation.ts";
import type { PlaceResult, ReserveResult } from "./reserve-result.ts";
import { RemovedBlocks } from "./removed-blocks.ts";
import { Tallies } from "./tallies.ts";

export interface LedgerOptions {
  /** What new pods get their addresses from; see `blockKindOf`. Fixed for the life of a ledger. */
  readonly kind: BlockKind;
  /** Rest of an address between two pods, `IP_COOLDOWN_PERIOD`. */
  readonly cooldownMs: number;
  /** Whether it remembers what pods asked for, as the adaptive warm policy needs it. */
  readonly remembersDemand?: boolean;
}

/** What the planner must know and the ledger does not. */
export interface ViewOutside {
  /** Sandboxes that asked and got no address; none by default. */
  readonly waiting?: number;
  readonly capacity?: Capacity;
  readonly frozen?: FrozenReason | undefined;
}

/** Container ids taken over from a checkpoint that knew neither network nor link name, as upstream keeps them. */
const LEGACY = { networkName: "_migrated-from-cri", ifName: "unknown" };

/**
 * A node's addresses and who holds them: ENI → block → address. The one owner of that truth; every method is synchronous and takes the time,
 * so a run can be replayed. Counts are kept, not counted.
 */
export class Ledger {
  readonly kind: BlockKind;
  readonly cooldownMs: number;
  /** What is known of addresses that no ENI of the ledger has. */
  readonly absent = new AbsentAddresses();
  readonly #enis = new Map<EniId, EniState>();
  readonly #byKey = new Map<string, Slot>();
  readonly #tallies = new Tallies();
  readonly #resting = new CooldownQueue();
  readonly #patience = new Patience();
  readonly #floor = new FreeFloor(this.#patience);
  readonly #leftoverFloor = new FreeFloor(this.#patience);
  readonly #removed = new RemovedBlocks();
  readonly #demand: DemandMemory | undefined;
  #lastNow: Millis = 0;

  constructor(options: LedgerOptions) {
    this.kind = options.kind;
    this.cooldownMs = options.cooldownMs;
    if (options.remembersDemand === true) this.#demand = new DemandMemory();
  }

  /** Gives a sandbox an address, or the one it has. Falls back to blocks of the other mode when the current one has none left. */
  reserve(key: SandboxKey, owner: PodOwner | undefined, now: Millis): ReserveResult {
    this.settle(now);
    const text = keyText(key);
    const had = this.#byKey.get(text)?.holder;
    if (had !== undefined) return { kind: "reserved", reservation: had, isNew: false };
    const slot = chooseSlot(this.#enis.values(), this.kind) ?? chooseSlot(this.#enis.values(), otherKind(this.kind));
    if (slot === undefined) {
      const nextFreeAt = this.#resting.nextAt;
      return { kind: "no-free-address", counts: this.counts(now), ...(nextFreeAt === undefined ? {} : { nextFreeAt }) };
    }
    const reservation: Reservation = {
      key,
      address: slot.address,
      eni: slot.block.eni.facts.id,
      ...(owner === undefined ? {} : { owner }),
      reservedAt: now,
    };
    this.#hold(slot, text, reservation);
    this.#noteFree(now);
    this.#demand?.asked(this.#tallies.usedOf(this.kind), now);
    return { kind: "reserved", reservation, isNew: true };
  }

  /** Takes a sandbox's address back and lets it rest; `undefined` when the sandbox holds none (releasing twice is fine). */
  release(key: SandboxKey, now: Millis): Reservation | undefined {
    this.settle(now);
    let text = keyText(key);
    let slot = this.#byKey.get(text);
    if (slot === undefined) {
      text = legacyText(key);
      slot = this.#byKey.get(text);
    }
    const held = slot?.holder;
    if (slot === undefined || held === undefined) return undefined;
    this.#letGo(slot, text);
    slot.releasedAt = now;
    if (this.cooldownMs > 0) this.#rest(slot, now + this.cooldownMs);
    const { block } = slot;
    // Nobody is left to keep it for, and EC2 may give its addresses to another ENI of the node.
    if (block.isLost) this.dropBlock(block.eni.facts.id, block.cidr, now);
    return held;
  }

  /** Undoes a reservation that never reached anyone (its journal entry failed): no rest, as if it had not been. */
  cancel(key: SandboxKey): boolean {
    const text = keyText(key);
    const slot = this.#byKey.get(text);
    if (slot?.holder === undefined) return false;
    this.#letGo(slot, text);
    return true;
  }

  /** Puts a known reservation back on its address: at start from the journal, or when a release could not be recorded. Ignores rest. */
  place(reservation: BookedReservation): PlaceResult {
    const text = keyText(reservation.key);
    const had = this.#byKey.get(text);
    if (had !== undefined) return had.address === reservation.address ? "placed" : "key-elsewhere";
    const slot = this.slotOf(reservation.address);
    if (slot === undefined) return "no-such-address";
    if (slot.holder !== undefined) return "taken";
    this.#wakeUp(slot);
    this.#hold(slot, text, { ...reservation, eni: slot.block.eni.facts.id });
    return "placed";
  }

  /** Lets an address rest that the journal says was released at this time; `false` when there is no such free address now. */
  rest(address: Ipv4, releasedAt: Millis, now: Millis): boolean {
    const slot = this.slotOf(address);
    if (slot === undefined) this.absent.rests(address, Math.min(releasedAt, now), this.cooldownMs, now);
    if (slot === undefined || slot.holder !== undefined) return false;
    this.#wakeUp(slot);
    slot.releasedAt = Math.min(releasedAt, now);
    const until = slot.releasedAt + this.cooldownMs;
    if (until > now) this.#rest(slot, until);
    return true;
  }

  reservationOf(key: SandboxKey): Reservation | undefined {
    return (this.#byKey.get(keyText(key)) ?? this.#byKey.get(legacyText(key)))?.holder;
  }

  /** Every reservation, oldest first. */
  reservations(): readonly Reservation[] {
    return [...this.#byKey.values()].flatMap((slot) => (slot.holder === undefined ? [] : [slot.holder]));
  }

  /** Adds an ENI, or takes its new facts; its blocks stay. */
  addEni(facts: LedgerEni, now: Millis): void {
    const known = this.#enis.get(facts.id);
    if (known !== undefined) {
      this.#tallies.acrossEni(known, () => (known.facts = facts));
      return;
    }
    this.#enis.set(facts.id, makeEni(facts, now));
    this.#sortEnis();
  }

  /** Adds a /32 or /28 to an ENI. `false` when the ENI is unknown, the length is neither, or the ledger has one of its addresses already. */
  addBlock(eniId: EniId, cidr: Cidr4, now: Millis): boolean {
    const eni = this.#enis.get(eniId);
    const kind = blockKindOfCidr(cidr);
    if (eni === undefined || kind === undefined) return false;
    if (this.#isKnown(cidr)) {
      if (eni.blocks.get(cidr.base)?.kind !== kind) eni.unplaced.set(cidr.base, cidr);
      eni.view = undefined;
      return false;
    }
    eni.unplaced.delete(cidr.base);
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
    const eni = this.#enis.get(eniId);
    if (eni === undefined) return;
    for (const cidr of eni.unplaced.values()) if (!isListed(cidr)) eni.unplaced.delete(cidr.base);
    eni.view = undefined;
  }

  /** Stops giving out these blocks before EC2 is asked to take them; only those that are free and not resting. Returns the ones stopped. */
  withdraw(eniId: EniId, cidrs: readonly Cidr4[], now: Millis): readonly Cidr4[] {
    this.settle(now);
    const eni = this.#enis.get(eniId);
    const blocks = cidrs.flatMap((cidr) => eni?.blocks.get(cidr.base) ?? []).filter((block) => block.assigned + block.cooling === 0);
    this.#close(blocks, true);
    if (blocks.some((block) => block.kind === this.kind)) this.#patience.handedBack(now);
    return blocks.map((block) => block.cidr);
  }

  /** Gives withdrawn blocks out again: EC2 kept them. */
  restore(eniId: EniId, cidrs: readonly Cidr4[]): void {
    const eni = this.#enis.get(eniId);
    const blocks = cidrs.flatMap((cidr) => eni?.blocks.get(cidr.base) ?? []);
    this.#close(blocks, false);
  }

  /** Forgets a block that EC2 took back. Refused, `false`, while a pod holds an address of it. */
  dropBlock(eniId: EniId, cidr: Cidr4, now: Millis): boolean {
    const block = this.#enis.get(eniId)?.blocks.get(cidr.base);
    if (block === undefined || block.assigned > 0) return false;
    this.#tallies.add(block, -1);
    block.eni.cooling -= block.cooling;
    for (const slot of block.slots) {
      if (slot.releasedAt !== undefined && slot.coolUntil !== undefined)
        this.absent.rests(slot.address, slot.releasedAt, this.cooldownMs, now);
      slot.coolUntil = undefined;
    }
    block.eni.blocks.delete(cidr.base);
    this.#removed.add(cidr, now);
    this.#noteFree(now);
    return true;
  }

  /** Marks whether EC2 still lists a block that pods hold. A lost block gives out nothing new. */
  markLost(eniId: EniId, cidr: Cidr4, isLost: boolean): void {
    const block = this.#enis.get(eniId)?.blocks.get(cidr.base);
    if (block !== undefined && block.isLost !== isLost) this.#tallies.acrossOne(block, () => (block.isLost = isLost));
  }

  /** Stops giving out an ENI's addresses before it is detached. `false`, and nothing changes, while one is held or rests. */
  withdrawEni(eniId: EniId, now: Millis): boolean {
    this.settle(now);
    const eni = this.#enis.get(eniId);
    if (eni === undefined || eni.assigned + eni.cooling > 0) return false;
    this.#tallies.acrossEni(eni, () => (eni.isLeaving = true));
    if (eni.blocks.size > 0) this.#patience.handedBack(now);
    return true;
  }

  /** Uses an ENI again: it could not be detached. */
  restoreEni(eniId: EniId): void {
    const eni = this.#enis.get(eniId);
    if (eni !== undefined) this.#tallies.acrossEni(eni, () => (eni.isLeaving = false));
  }

  /** Marks whether EC2 still lists an ENI that pods hold addresses of. One that is gone gives out nothing, and is not planned with. */
  markGone(eniId: EniId, isGone: boolean): void {
    const eni = this.#enis.get(eniId);
    if (eni !== undefined && eni.isGone !== isGone) this.#tallies.acrossEni(eni, () => (eni.isGone = isGone));
  }

  /** Forgets an ENI that is gone. Refused, `false`, while a pod holds an address of it. */
  dropEni(eniId: EniId, now: Millis): boolean {
    const eni = this.#enis.get(eniId);
    if (eni === undefined || eni.assigned > 0) return false;
    for (const block of eni.blocks.values()) this.dropBlock(eniId, block.cidr, now);
    return this.#enis.delete(eniId);
  }

  /** The ENIs, primary first, then by device index; for reading only. */
  enis(): readonly Readonly<EniState>[] {
    return [...this.#enis.values()];
  }

  /** One ENI; for reading only. */
  eni(eniId: EniId): Readonly<EniState> | undefined {
    return this.#enis.get(eniId);
  }

  /** The ENIs with every address that is or was used, for introspection. */
  inspect(): readonly InspectedEni[] {
    return Array.from(this.#enis.values(), inspectEni);
  }

  /** When a block that the ledger no longer has was forgotten; `undefined` also when that is minutes ago. */
  removedAt(cidr: Cidr4): Millis | undefined {
    return this.#removed.at(cidr);
  }

  /** The state of one address; for reading only. */
  slotOf(address: Ipv4): Slot | undefined {
    for (const eni of this.#enis.values()) {
      const block = eni.blocks.get(address) ?? eni.blocks.get(cidr4Of(address, 28).base);
      if (block !== undefined && cidr4Has(block.cidr, address)) return block.slots[address - block.cidr.base];
    }
    return undefined;
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
    const nextFreeAt = this.#resting.nextAt;
    return {
      kind: this.kind,
      enis: [...this.#enis.values()].filter((eni) => !eni.isGone).map(viewEni),
      current: this.#tallies.of(this.kind),
      leftover: this.#tallies.of(otherKind(this.kind)),
      freeFloor: this.#floor.lowest,
      leftoverFloor: this.#leftoverFloor.lowest,
      floorChangesAt: this.#floor.changesAt,
      ...(nextFreeAt === undefined ? {} : { nextFreeAt }),
      ...(this.#demand === undefined ? {} : { forecast: this.#demand.forecast(this.#tallies.usedOf(this.kind), now) }),
      waiting: outside.waiting ?? 0,
      capacity: outside.capacity ?? NO_REFUSALS,
      ...(outside.frozen === undefined ? {} : { frozen: outside.frozen }),
    };
  }

  /** Ends the rests that are over by `now`. Called by every method that needs it. */
  settle(now: Millis): void {
    if (now < this.#lastNow) this.#resting.limit(now + this.cooldownMs);
    this.#lastNow = now;
    if (!this.#resting.isDue(now)) return;
    for (const { slot, until } of this.#resting.wake(now)) {
      this.#wakeUp(slot);
      this.#noteFree(until);
    }
  }

  #hold(slot: Slot, text: string, reservation: Reservation): void {
    const { block } = slot;
    this.#byKey.set(text, slot);
    this.#tallies.acrossOne(block, () => {
      slot.holder = reservation;
      block.assigned++;
      block.eni.assigned++;
    });
  }

  #letGo(slot: Slot, text: string): void {
    const { block } = slot;
    this.#byKey.delete(text);
    this.#tallies.acrossOne(block, () => {
      slot.holder = undefined;
      block.assigned--;
      block.eni.assigned--;
    });
  }

  #rest(slot: Slot, until: Millis): void {
    const { block } = slot;
    this.#resting.add(slot, until);
    this.#tallies.acrossOne(block, () => {
      block.cooling++;
      block.eni.cooling++;
    });
  }

  #wakeUp(slot: Slot): void {
    const { block } = slot;
    if (slot.coolUntil === undefined) return;
    slot.coolUntil = undefined;
    this.#tallies.acrossOne(block, () => {
      block.cooling--;
      block.eni.cooling--;
    });
  }

  #close(blocks: readonly Block[], isLeaving: boolean): void {
    this.#tallies.across(blocks, () => {
      for (const block of blocks) block.isLeaving = isLeaving;
    });
  }

  #noteFree(now: Millis): void {
    this.#floor.note(this.#tallies.freeOf(this.kind), now);
    this.#leftoverFloor.note(this.#tallies.freeOf(otherKind(this.kind)), now);
  }

  /** Whether an address of the range is in some block already: no two blocks may share one. */
  #isKnown(cidr: Cidr4): boolean {
    for (let i = 0; i < cidr4Size(cidr); i++) if (this.slotOf(offsetIpv4(cidr.base, i)) !== undefined) return true;
    return false;
  }

  #sortEnis(): void {
    const sorted = [...this.#enis.values()].sort((a, b) => a.facts.deviceIndex - b.facts.deviceIndex || (a.facts.id < b.facts.id ? -1 : 1));
    this.#enis.clear();
    for (const eni of sorted) this.#enis.set(eni.facts.id, eni);
  }
}

function otherKind(kind: BlockKind): BlockKind {
  return kind === "prefix" ? "address" : "prefix";
}

/** What a sandbox is kept under that was taken over from a checkpoint without the rest of its key. */
function legacyText({ containerId }: SandboxKey): string {
  return keyText({ ...LEGACY, containerId });
}
