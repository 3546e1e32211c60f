import type { EniId, Ipv4 } from "@slash28/address";
import type { Block } from "./block.ts";
import { keyText, type BookedReservation, type Millis, type PodOwner, type Reservation, type SandboxKey } from "./reservation.ts";

/** An address in a sandbox's hands. It knows its block, which a reader of reservations does not see. */
export class Holding implements Reservation {
  readonly key: SandboxKey;
  readonly address: Ipv4;
  readonly eni: EniId;
  declare readonly owner?: PodOwner;
  readonly reservedAt: Millis;
  readonly #block: Block;

  constructor({ key, address, owner, reservedAt }: BookedReservation, block: Block) {
    this.key = key;
    this.address = address;
    this.eni = block.eni.facts.id;
    if (owner !== undefined) this.owner = owner;
    this.reservedAt = reservedAt;
    this.#block = block;
  }

  static blockOf(holding: Holding): Block {
    return holding.#block;
  }
}

/** Container ids taken over from a checkpoint that knew neither network nor link name, as upstream keeps them. */
const LEGACY = { networkName: "_migrated-from-cri", ifName: "unknown" };

/**
 * Who holds what, by sandbox. Nearly every container has one sandbox key, so its id alone finds the entry and no text is put together for each pod;
 * further keys of a container are kept by their whole text.
 */
export class Holders {
  /** By container id, or by the text of the key where another key of the container was first; in order of coming. */
  readonly #byKey = new Map<string, Holding>();
  /** Entries that are kept by their text. */
  #further = 0;

  get(key: SandboxKey): Holding | undefined {
    const first = this.#byKey.get(key.containerId);
    if (first !== undefined && isSame(first.key, key)) return first;
    return this.#further === 0 ? undefined : this.#byKey.get(textOf(key));
  }

  /** What this sandbox holds under a key that was taken over without network and link name. */
  getLegacy({ containerId }: SandboxKey): Holding | undefined {
    return this.get({ ...LEGACY, containerId });
  }

  /** A key that is not there yet. */
  add(holding: Holding): void {
    const { key } = holding;
    const isFirst = !this.#byKey.has(key.containerId);
    if (!isFirst) this.#further++;
    this.#byKey.set(isFirst ? key.containerId : textOf(key), holding);
  }

  delete(key: SandboxKey): void {
    const first = this.#byKey.get(key.containerId);
    if (first !== undefined && isSame(first.key, key)) this.#byKey.delete(key.containerId);
    else if (this.#byKey.delete(textOf(key))) this.#further--;
  }

  /** The reservations of a block's addresses. */
  of(block: Block): ReadonlyMap<Ipv4, Reservation> {
    const found = new Map<Ipv4, Reservation>();
    if (block.assigned === 0) return found;
    for (const held of this.#byKey.values()) if (Holding.blockOf(held) === block) found.set(held.address, held);
    return found;
  }

  /** Oldest first. */
  values(): MapIterator<Holding> {
    return this.#byKey.values();
  }
}

function isSame(a: SandboxKey, b: SandboxKey): boolean {
  return a === b || (a.containerId === b.containerId && a.networkName === b.networkName && a.ifName === b.ifName);
}

/** No container id begins like this: one comes as an environment variable, which holds no zero byte. */
function textOf(key: SandboxKey): string {
  return `\u0000${keyText(key)}`;
}
