import { cidr4, cidr4Size, formatCidr4, offsetIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Ledger } from "../src/index.ts";
import { anEni, eniId, key, T0 } from "./a-node.ts";

const COOLDOWN = 30_000;
const RANGES = ["10.0.1.1/32", "10.0.1.2/32", "10.0.2.0/28", "10.0.3.9/32", "10.0.4.16/28"].map((text) => cidr4(text));
const ENI_OF = (cidr: Cidr4): number => (RANGES.indexOf(cidr) < 3 ? 0 : 1);

/** A pool as a child would keep it: a list of addresses with what is written next to each. */
class Model {
  now = T0;
  readonly blocks = new Set<Cidr4>();
  readonly closed = new Set<Cidr4>();
  readonly holders = new Map<Ipv4, number>();
  readonly restUntil = new Map<Ipv4, number>();

  addressesOf(cidr: Cidr4): readonly Ipv4[] {
    return Array.from({ length: cidr4Size(cidr) }, (_, index) => offsetIpv4(cidr.base, index));
  }

  addressOf(sandbox: number): Ipv4 | undefined {
    return [...this.holders].find(([, holder]) => holder === sandbox)?.[0];
  }

  has(address: Ipv4): boolean {
    return [...this.blocks].some((cidr) => this.addressesOf(cidr).includes(address));
  }

  rests(address: Ipv4): boolean {
    return (this.restUntil.get(address) ?? 0) > this.now;
  }

  assignedIn(cidr: Cidr4): number {
    return this.addressesOf(cidr).filter((address) => this.holders.has(address)).length;
  }

  coolingIn(cidr: Cidr4): number {
    return this.addressesOf(cidr).filter((address) => this.rests(address)).length;
  }

  free(): readonly Ipv4[] {
    const open = [...this.blocks].filter((cidr) => !this.closed.has(cidr)).flatMap((cidr) => this.addressesOf(cidr));
    return open.filter((address) => !this.holders.has(address) && !this.rests(address));
  }

  counts(): object {
    const sum = (count: (cidr: Cidr4) => number): number => [...this.blocks].reduce((total, cidr) => total + count(cidr), 0);
    const [assigned, cooling, free] = [sum((cidr) => this.assignedIn(cidr)), sum((cidr) => this.coolingIn(cidr)), this.free().length];
    return { held: assigned + cooling + free, assigned, cooling, free };
  }
}

type Command = fc.Command<Model, Ledger>;

function command(name: string, run: (model: Model, ledger: Ledger) => void): Command {
  return {
    check: () => true,
    run(model, ledger) {
      run(model, ledger);
      expect(ledger.counts(model.now)).toEqual(model.counts());
      const held = ledger.reservations().map(({ address }) => address);
      expect(held.toSorted((a, b) => a - b)).toEqual([...model.holders.keys()].toSorted((a, b) => a - b));
    },
    toString: () => name,
  };
}

const reserve = (sandbox: number): Command =>
  command(`reserve(${sandbox})`, (model, ledger) => {
    const had = model.addressOf(sandbox);
    const free = model.free();
    const result = ledger.reserve(key(sandbox), undefined, model.now);
    if (had !== undefined) return expect(result).toMatchObject({ kind: "reserved", isNew: false, reservation: { address: had } });
    if (result.kind !== "reserved") return expect(free).toEqual([]);
    expect(free).toContain(result.reservation.address);
    model.holders.set(result.reservation.address, sandbox);
  });

const release = (sandbox: number): Command =>
  command(`release(${sandbox})`, (model, ledger) => {
    const had = model.addressOf(sandbox);
    expect(ledger.release(key(sandbox), model.now)?.address).toBe(had);
    if (had === undefined) return;
    model.holders.delete(had);
    model.restUntil.set(had, model.now + COOLDOWN);
  });

const cancel = (sandbox: number): Command =>
  command(`cancel(${sandbox})`, (model, ledger) => {
    const had = model.addressOf(sandbox);
    expect(ledger.cancel(key(sandbox))).toBe(had !== undefined);
    if (had !== undefined) model.holders.delete(had);
  });

const place = (sandbox: number, range: number, index: number): Command => {
  const cidr = RANGES[range % RANGES.length] ?? cidr4("10.0.9.9/32");
  const address = offsetIpv4(cidr.base, index % cidr4Size(cidr));
  return command(`place(${sandbox}, ${formatCidr4(cidr)} + ${index % cidr4Size(cidr)})`, (model, ledger) => {
    const had = model.addressOf(sandbox);
    const result = ledger.place({ key: key(sandbox), address, reservedAt: model.now });
    if (had !== undefined) return expect(result).toBe(had === address ? "placed" : "key-elsewhere");
    if (!model.has(address)) return expect(result).toBe("no-such-address");
    if (model.holders.has(address)) return expect(result).toBe("taken");
    expect(result).toBe("placed");
    model.holders.set(address, sandbox);
    model.restUntil.delete(address);
  });
};

const onRange = (name: string, range: number, run: (cidr: Cidr4, model: Model, ledger: Ledger) => void): Command => {
  const cidr = RANGES[range % RANGES.length] ?? cidr4("10.0.9.9/32");
  return command(`${name}(${formatCidr4(cidr)})`, (model, ledger) => run(cidr, model, ledger));
};

const add = (range: number): Command =>
  onRange("add", range, (cidr, model, ledger) => {
    expect(ledger.addBlock(eniId(ENI_OF(cidr)), cidr, model.now)).toBe(!model.blocks.has(cidr));
    model.blocks.add(cidr);
  });

const withdraw = (range: number): Command =>
  onRange("withdraw", range, (cidr, model, ledger) => {
    const isUnused = model.blocks.has(cidr) && model.assignedIn(cidr) + model.coolingIn(cidr) === 0;
    expect(ledger.withdraw(eniId(ENI_OF(cidr)), [cidr], model.now)).toEqual(isUnused ? [cidr] : []);
    if (isUnused) model.closed.add(cidr);
  });

const restore = (range: number): Command =>
  onRange("restore", range, (cidr, model, ledger) => {
    ledger.restore(eniId(ENI_OF(cidr)), [cidr]);
    model.closed.delete(cidr);
  });

const drop = (range: number): Command =>
  onRange("drop", range, (cidr, model, ledger) => {
    const isEmpty = model.blocks.has(cidr) && model.assignedIn(cidr) === 0;
    expect(ledger.dropBlock(eniId(ENI_OF(cidr)), cidr, model.now)).toBe(isEmpty);
    if (!isEmpty) return;
    model.blocks.delete(cidr);
    model.closed.delete(cidr);
  });

const tick = (ms: number): Command => command(`tick(${ms})`, (model) => void (model.now += ms));

const sandbox = fc.nat({ max: 12 });
const range = fc.nat({ max: RANGES.length - 1 });

test("the ledger does what a plain list of addresses would do, whatever is asked of it in whatever order", () => {
  const commands = fc.commands(
    [
      sandbox.map(reserve),
      sandbox.map(reserve),
      sandbox.map(release),
      sandbox.map(cancel),
      fc.tuple(sandbox, range, fc.nat({ max: 15 })).map(([who, where, index]) => place(who, where, index)),
      range.map(add),
      range.map(withdraw),
      range.map(restore),
      range.map(drop),
      fc.integer({ min: 1, max: 40_000 }).map(tick),
    ],
    { maxCommands: 120 },
  );
  fc.assert(
    fc.property(fc.constantFrom("address" as const, "prefix" as const), commands, (kind, some) => {
      const ledger = new Ledger({ kind, cooldownMs: COOLDOWN });
      for (const index of [0, 1]) ledger.addEni(anEni(index), T0);
      fc.modelRun(() => ({ model: new Model(), real: ledger }), some);
    }),
    { numRuns: 400 },
  );
});
