import { formatIpv4, type Ipv4 } from "@slash28/address";
import type { Millis } from "@slash28/ipam";
import type { Violation } from "./violation.ts";

interface Ended {
  readonly sandbox: string;
  readonly at: Millis;
  /** Sum of the machine clock's jumps forward until the agent that ran then had started. */
  readonly jumpedMs: number;
}

/**
 * What the container runtime was told: which sandbox runs on which address. It knows nothing of the agent's ledger, so it finds what the ledger
 * cannot see. Times are true times.
 */
export class AddressBook {
  readonly #cooldownMs: number;
  readonly #holders = new Map<Ipv4, string>();
  readonly #addresses = new Map<string, Ipv4>();
  readonly #ended = new Map<Ipv4, Ended>();
  #jumpedMs = 0;
  #jumpedBeforeStartMs = 0;

  constructor(cooldownMs: number) {
    this.#cooldownMs = cooldownMs;
  }

  /** An ADD was answered with this address; asked again, a sandbox must hear the same. */
  told(sandbox: string, address: Ipv4, now: Millis): Violation | undefined {
    const holder = this.#holders.get(address);
    if (holder !== undefined && holder !== sandbox)
      return { invariant: "one-holder", text: `${formatIpv4(address)} was given to ${sandbox} while ${holder} runs on it` };
    const own = this.#addresses.get(sandbox);
    if (own !== undefined && own !== address)
      return { invariant: "keeps-address", text: `${sandbox} runs on ${formatIpv4(own)} and was told ${formatIpv4(address)}` };
    this.#holders.set(address, sandbox);
    this.#addresses.set(sandbox, address);
    return this.#tooSoon(sandbox, address, now);
  }

  /** A sandbox's end began: its DEL was sent, its namespace is gone, or another took its place. From here on its address may be released. */
  ended(sandbox: string, now: Millis): void {
    const address = this.#addresses.get(sandbox);
    if (address === undefined) return;
    this.#addresses.delete(sandbox);
    this.#holders.delete(address);
    this.#ended.set(address, { sandbox, at: now, jumpedMs: this.#jumpedBeforeStartMs });
  }

  /**
   * The machine's clock was set forward. An agent goes by the clock as it was when it started, so it is the next one that takes a rest recorded
   * as a time of day for over that much earlier.
   */
  jumped(ms: number): void {
    if (ms > 0) this.#jumpedMs += ms;
  }

  /** An agent starts, by the clock as it is set now. */
  agentStarts(): void {
    this.#jumpedBeforeStartMs = this.#jumpedMs;
  }

  /** The sandbox may have been released at the earliest when its end began, so a shorter time since is a rest cut short for certain. */
  #tooSoon(sandbox: string, address: Ipv4, now: Millis): Violation | undefined {
    const last = this.#ended.get(address);
    this.#ended.delete(address);
    if (last === undefined || last.sandbox === sandbox) return undefined;
    const rested = now - last.at;
    if (rested + (this.#jumpedMs - last.jumpedMs) >= this.#cooldownMs) return undefined;
    return {
      invariant: "cooldown",
      text: `${formatIpv4(address)} was given to ${sandbox} ${rested} ms after ${last.sandbox} ended, its rest is ${this.#cooldownMs} ms`,
    };
  }
}
