import { formatIpv4, type Ipv4, type Mac } from "@slash28/address";
import type { PodWiring } from "@slash28/host-network";
import {
  type BookedReservation,
  bookOf,
  keyText,
  MAIN_TABLE,
  type PodOwner,
  type Reservation,
  routeTableOf,
  type SandboxKey,
} from "@slash28/ipam";
import { Fault, type Clock, type HostNetwork, type Journal, type Log, type Metrics } from "@slash28/ports";
import { hostLinkOf, podWiringOf } from "../cni/pod-wiring-of.ts";
import type { Node } from "../node.ts";
import { AddressWaiters } from "./address-waiters.ts";
import { AgentJournal, bookLines, type SandboxPlace } from "./agent-journal.ts";
import { whyNoAddress } from "./why-no-address.ts";

export interface SandboxPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly network: HostNetwork;
  readonly journal: Journal;
}

/** A sandbox that has its address and its wiring. */
export interface WiredSandbox {
  readonly wiring: PodWiring;
  readonly podMac: Mac;
}

export interface SandboxRequest {
  readonly key: SandboxKey;
  readonly owner?: PodOwner;
  readonly netns: string;
}

/** Longest that an ADD waits for an address: kubelet's own retry comes later than the pool usually needs. */
const WAIT_MS = 4_000;
/** The network name of addresses that the kernel routes to a pod this agent has no record of. */
export const KERNEL_ONLY = "_found-in-kernel";

const NOWHERE: SandboxPlace = { netns: "", wiredBy: "agent" };

/** Stands for the pod, whichever it is, that has this host link. */
export function kernelOnlyKey(hostLink: string): SandboxKey {
  return { networkName: KERNEL_ONLY, containerId: hostLink, ifName: "" };
}

/**
 * The pods of this node: who has which address, in memory, in the journal and in the kernel. Memory changes first, so that a rewritten
 * journal is never older than what was appended; the answer waits until the journal is durable.
 */
export class Sandboxes {
  readonly waiters: AddressWaiters;
  readonly journal: AgentJournal;
  /** Called when a pod came or went, or waits: the pool may have to change. */
  onDemand: () => void = () => undefined;
  /** Called when a pod has its address for good, and when it has given it back. */
  onAddress: (owner: PodOwner, address: Ipv4) => void = () => undefined;
  readonly #node: Node;
  readonly #ports: SandboxPorts;
  readonly #places = new Map<string, SandboxPlace>();
  readonly #byHostLink = new Map<string, SandboxKey>();

  constructor(node: Node, ports: SandboxPorts) {
    this.#node = node;
    this.#ports = ports;
    this.journal = new AgentJournal(ports.journal, () => this.#lines());
    this.waiters = new AddressWaiters(ports.clock);
  }

  /** Gives the sandbox an address and wires it, or finds both done. */
  async add(request: SandboxRequest): Promise<WiredSandbox> {
    if (this.#node.ledger.absent.carriedBy(request.key) !== undefined) await this.#leaveAbsent(request.key);
    const { reservation, isNew } = await this.#reserve(request);
    this.onDemand();
    const started = performance.now();
    // The kernel works while the disk does; neither is answered for before both are done.
    const place: SandboxPlace = { netns: request.netns, wiredBy: "agent" };
    const durable = isNew ? this.journal.reserved(reservation, place) : undefined;
    durable?.catch(() => undefined);
    const wiring = this.wiringOf(reservation);
    let podMac: Mac;
    try {
      this.#supersede(wiring.hostLink, request.key);
      podMac = this.#ports.network.wirePod(wiring, request.netns).podMac;
      // From here on the link is this sandbox's, whatever becomes of an earlier one.
      this.#remember(reservation.key, wiring.hostLink, place);
      this.#ports.metrics.observe("slash28_cni_step_seconds", (performance.now() - started) / 1_000, { step: "wire" });
      await durable;
      this.#ports.metrics.observe("slash28_cni_step_seconds", (performance.now() - started) / 1_000, { step: "wire_and_journal" });
    } catch (cause) {
      if (isNew) await this.#undo(reservation, wiring, request.netns, durable);
      throw cause;
    }
    this.#tellOf(reservation);
    return { wiring, podMac };
  }

  /**
   * Gives the sandbox an address, and leaves the wiring to the plugin that asked. Resolves when the journal has it. What an earlier
   * sandbox of the pod, or an earlier holder of the address, left in the kernel is taken away first.
   */
  async lend(request: SandboxRequest): Promise<Reservation> {
    if (this.#node.ledger.absent.carriedBy(request.key) !== undefined) await this.#leaveAbsent(request.key);
    const { reservation, isNew } = await this.#reserve(request);
    this.onDemand();
    if (!isNew) return reservation;
    const place: SandboxPlace = { netns: request.netns, wiredBy: "plugin" };
    const durable = this.journal.reserved(reservation, place);
    durable.catch(() => undefined);
    const wiring = this.wiringOf(reservation);
    try {
      this.#supersede(wiring.hostLink, request.key);
      this.#ports.network.unwirePod(wiring, undefined);
      this.#remember(reservation.key, wiring.hostLink, place);
      await durable;
    } catch (cause) {
      await this.#undo(reservation, wiring, request.netns, durable);
      throw cause;
    }
    this.#tellOf(reservation);
    return reservation;
  }

  /** Takes a sandbox's wiring and address away; a sandbox that has neither is fine. Resolves to its address, if it had one. */
  async remove(key: SandboxKey, owner: PodOwner | undefined, netns: string | undefined): Promise<Ipv4 | undefined> {
    const held = this.#node.ledger.reservationOf(key) ?? this.#foundInKernel(key, owner);
    if (held === undefined) return this.#leaveAbsent(key);
    if (!this.#isReplaced(held)) this.#ports.network.unwirePod(this.wiringOf(held), netns);
    await this.#release(held);
    this.onDemand();
    return held.address;
  }

  /** What is missing of a sandbox's wiring, as sentences; `undefined` when the sandbox has no address here. */
  check(key: SandboxKey, netns: string): { readonly address: Ipv4; readonly missing: readonly string[] } | undefined {
    const held = this.#node.ledger.reservationOf(key);
    if (held === undefined) return undefined;
    return { address: held.address, missing: this.#ports.network.checkPod(this.wiringOf(held), netns) };
  }

  /** Wires a sandbox that is known already, where its wiring has gaps; returns what was missing. What a plugin wired is left as it is. */
  mend(reservation: Reservation): readonly string[] {
    const { netns, wiredBy } = this.placeOf(reservation.key);
    if (netns === "" || wiredBy === "plugin") return [];
    const wiring = this.wiringOf(reservation);
    const missing = this.#ports.network.checkPod(wiring, netns);
    if (missing.length > 0) this.#ports.network.wirePod(wiring, netns);
    return missing;
  }

  /** Takes note of a sandbox that is wired already. */
  remember(reservation: BookedReservation, place: SandboxPlace): void {
    this.#remember(reservation.key, this.hostLinkOf(reservation), place);
  }

  /** At start: forgets a sandbox whose pod is gone, and what is left of its routes unless its link is another's. The caller rewrites the journal. */
  drop(held: Reservation, isLinkOfAnother: boolean): void {
    if (!isLinkOfAnother) this.#ports.network.unwirePod(this.wiringOf(held), undefined);
    this.#node.ledger.release(held.key, this.#ports.clock.now());
    this.#forget(held);
  }

  placeOf(key: SandboxKey): SandboxPlace {
    return this.#places.get(keyText(key)) ?? NOWHERE;
  }

  hostLinkOf(reservation: Pick<Reservation, "key" | "owner">): string {
    if (reservation.key.networkName === KERNEL_ONLY) return reservation.key.containerId;
    return hostLinkOf(reservation.key, reservation.owner, this.#node.settings.host.vethPrefix);
  }

  wiringOf(reservation: Reservation): PodWiring {
    const eni = this.#node.ledger.eni(reservation.eni);
    if (eni === undefined) throw new Fault("ENI_GONE", { eni: reservation.eni });
    const { key, address } = reservation;
    return podWiringOf({ key, address, hostLink: this.hostLinkOf(reservation) }, routeTableOf(eni.facts), this.#node.settings.host.podMtu);
  }

  /** The journal's lines for who holds what and what rests. What only the kernel knows is found there again. */
  #lines(): readonly string[] {
    const book = bookOf(this.#node.ledger);
    const reservations = new Map([...book.reservations].filter(([, held]) => held.key.networkName !== KERNEL_ONLY));
    return bookLines({ ...book, reservations }, (key) => this.#places.get(key) ?? NOWHERE);
  }

  /** Reserves, waiting a bounded time for the pool to grow. No cloud is asked here. */
  async #reserve({ key, owner }: SandboxRequest): Promise<{ readonly reservation: Reservation; readonly isNew: boolean }> {
    const who = owner === undefined ? keyText(key) : `${owner.namespace}/${owner.name}`;
    const deadline = this.#ports.clock.now() + WAIT_MS;
    for (;;) {
      const now = this.#ports.clock.now();
      const result = this.#node.ledger.reserve(key, owner, now);
      if (result.kind === "reserved") {
        this.waiters.served(who);
        return result;
      }
      this.waiters.asked(who);
      const left = Math.min(deadline, this.#hopeUntil(result.nextFreeAt, deadline)) - now;
      if (left <= 0) {
        this.#ports.metrics.add("awscni_no_available_ip_addresses");
        this.onDemand();
        throw new Fault("NO_FREE_ADDRESS", { detail: whyNoAddress(result.counts, this.#node) });
      }
      this.onDemand();
      await this.waiters.wait(left);
    }
  }

  /** When the pool cannot grow, waiting helps only if an address ends its rest in time. */
  #hopeUntil(nextFreeAt: number | undefined, deadline: number): number {
    const { lastPlan } = this.#node;
    const isStuck = lastPlan?.kind === "idle" && lastPlan.why !== "at-target" && lastPlan.why !== "surplus-resting";
    if (!isStuck) return deadline;
    return nextFreeAt !== undefined && nextFreeAt <= deadline ? deadline : 0;
  }

  /** A pod whose earlier sandbox was never deleted: its host link is about to be replaced, so its address is free. */
  #supersede(hostLink: string, key: SandboxKey): void {
    const before = this.#byHostLink.get(hostLink) ?? kernelOnlyKey(hostLink);
    if (keyText(before) === keyText(key)) return;
    const unrecorded = (cause: unknown): void => this.#ports.log.warn("the release could not be recorded", { cause: String(cause) });
    const held = this.#node.ledger.reservationOf(before);
    if (held === undefined) return void this.#leaveAbsent(before)?.catch(unrecorded);
    this.#ports.log.info("an earlier sandbox of the pod is replaced", { address: formatIpv4(held.address), container: before.containerId });
    this.#ports.network.unwirePod(this.wiringOf(held), undefined);
    this.#release(held).catch(unrecorded);
  }

  async #release(held: Reservation): Promise<void> {
    const { ledger } = this.#node;
    const now = this.#ports.clock.now();
    const place = this.placeOf(held.key);
    ledger.release(held.key, now);
    this.#forget(held);
    try {
      await this.journal.released(held, now);
    } catch (cause) {
      // The runtime asks again; until then the disk is right and the address stays out of use.
      if (ledger.place(held) !== "placed") ledger.absent.isCarried(held);
      this.#rememberAgain(held, place);
      throw cause;
    }
    if (ledger.cooldownMs === 0) this.waiters.ring();
    this.#tellOf(held);
  }

  #tellOf({ owner, address }: Reservation): void {
    if (owner !== undefined) this.onAddress(owner, address);
  }

  async #undo(held: Reservation, wiring: PodWiring, netns: string, durable: Promise<void> | undefined): Promise<void> {
    this.#node.ledger.cancel(held.key);
    this.#forget(held);
    // In the same tick: the next holder of the address must come later in the journal.
    const recorded = this.journal.released(held, 0);
    recorded.catch(() => undefined);
    try {
      this.#ports.network.unwirePod(wiring, netns);
      await Promise.all([durable, recorded]);
    } catch (cause) {
      this.#ports.log.warn("a failed ADD could not be undone in full; the next start does it", { cause: String(cause) });
    }
    this.waiters.ring();
  }

  #foundInKernel(key: SandboxKey, owner: PodOwner | undefined): Reservation | undefined {
    const hostLink = hostLinkOf(key, owner, this.#node.settings.host.vethPrefix);
    const known = this.#byHostLink.get(hostLink);
    if (known !== undefined && keyText(known) !== keyText(key)) return undefined;
    return this.#node.ledger.reservationOf(kernelOnlyKey(hostLink));
  }

  #remember(key: SandboxKey, hostLink: string, place: SandboxPlace): void {
    this.#places.set(keyText(key), place);
    this.#byHostLink.set(hostLink, key);
  }

  /** Keeps a sandbox whose release could not be recorded. Its link may be a newer one's by now. */
  #rememberAgain(held: Pick<Reservation, "key" | "owner">, place: SandboxPlace): void {
    if (this.#isReplaced(held)) this.#places.set(keyText(held.key), place);
    else this.#remember(held.key, this.hostLinkOf(held), place);
  }

  /** Whether another sandbox of the pod has the link now: it must not be cut off with this one. */
  #isReplaced(held: Pick<Reservation, "key" | "owner">): boolean {
    const owner = this.#byHostLink.get(this.hostLinkOf(held));
    return owner !== undefined && keyText(owner) !== keyText(held.key);
  }

  /**
   * Ends what is kept for a sandbox whose address no ENI of the node has; `undefined` when nothing is. Should the address come back, it rests
   * first. Throws at once when the kernel refuses: a newer sandbox must not take the link while an older one may still ask for its end.
   */
  #leaveAbsent(key: SandboxKey): Promise<Ipv4> | undefined {
    const held = this.#node.ledger.absent.carriedBy(key);
    if (held === undefined) return undefined;
    const { address } = held;
    const wiring = podWiringOf({ key, address, hostLink: this.hostLinkOf(held) }, MAIN_TABLE, this.#node.settings.host.podMtu);
    if (!this.#isReplaced(held)) this.#ports.network.unwirePod(wiring, undefined);
    return this.#releaseAbsent(held);
  }

  async #releaseAbsent(held: BookedReservation): Promise<Ipv4> {
    const { ledger } = this.#node;
    const { address, key } = held;
    ledger.absent.isNoLongerCarried(held);
    const now = this.#ports.clock.now();
    const place = this.placeOf(key);
    ledger.rest(address, now, now);
    this.#forget(held);
    try {
      await this.journal.released(held, now);
    } catch (cause) {
      ledger.absent.isCarried(held);
      this.#rememberAgain(held, place);
      throw cause;
    }
    return address;
  }

  #forget(held: Pick<Reservation, "key" | "owner">): void {
    this.#places.delete(keyText(held.key));
    const hostLink = this.hostLinkOf(held);
    const holder = this.#byHostLink.get(hostLink);
    if (holder !== undefined && keyText(holder) === keyText(held.key)) this.#byHostLink.delete(hostLink);
  }
}
