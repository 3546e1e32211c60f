import { cidr4, cidr4Of, formatIpv4, ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { bookOf, restoreBook, type Ledger } from "../src/index.ts";
import { aLedger, anEni, eniId, key, T0 } from "./a-node.ts";

function reserved(ledger: Ledger, n: number | string, now = T0): string {
  const result = ledger.reserve(key(n), undefined, now);
  return result.kind === "reserved" ? formatIpv4(result.reservation.address) : result.kind;
}

const TWO_PREFIXES = ["10.0.0.16/28", "10.0.0.32/28"];

test("a sandbox gets the lowest address, and the same one when it asks again", () => {
  const ledger = aLedger("address", ["10.0.0.21/32", "10.0.0.20/32"]);
  const owner = { namespace: "default", name: "web-0" };
  const first = ledger.reserve(key(1), owner, T0);
  expect(first).toMatchObject({
    kind: "reserved",
    isNew: true,
    reservation: { address: ipv4("10.0.0.20"), eni: "eni-0", owner, reservedAt: T0 },
  });
  expect(ledger.reserve(key(1), owner, T0 + 5)).toEqual({ ...first, isNew: false });
  expect(ledger.counts(T0)).toEqual({ held: 2, assigned: 1, cooling: 0, free: 1 });
});

test("the same container with another link or network is another sandbox", () => {
  const ledger = aLedger("prefix", TWO_PREFIXES);
  reserved(ledger, 1);
  const other = ledger.reserve({ ...key(1), ifName: "eth1" }, undefined, T0);
  expect(other).toMatchObject({ isNew: true, reservation: { address: ipv4("10.0.0.17") } });
});

test("every address of a prefix is used, its first and last too", () => {
  const ledger = aLedger("prefix", ["10.0.0.16/28"]);
  const got = Array.from({ length: 16 }, (_, n) => reserved(ledger, n));
  expect([got[0], got[15]]).toEqual(["10.0.0.16", "10.0.0.31"]);
  expect(ledger.reserve(key(99), undefined, T0)).toEqual({
    kind: "no-free-address",
    counts: { held: 16, assigned: 16, cooling: 0, free: 0 },
  });
});

test("pods gather in the fullest ENI and in its fullest prefix", () => {
  const ledger = aLedger("prefix", TWO_PREFIXES, 0);
  ledger.addEni(anEni(1), T0);
  ledger.addBlock(eniId(1), cidr4("10.0.0.64/28"), T0);
  for (let n = 0; n < 20; n++) reserved(ledger, n);
  for (let n = 0; n < 14; n++) ledger.release(key(n), T0 + 1);
  // 10.0.0.16/28 has 2 pods left, 10.0.0.32/28 has 4: the second fills up first.
  expect(reserved(ledger, "next", T0 + 2)).toBe("10.0.0.36");
});

describe("cooldown", () => {
  test("a released address rests, and is free again at its end", () => {
    const ledger = aLedger("address", ["10.0.0.20/32"]);
    reserved(ledger, 1);
    expect(ledger.release(key(1), T0 + 1000)?.address).toBe(ipv4("10.0.0.20"));
    expect(ledger.reserve(key(2), undefined, T0 + 30_999)).toEqual({
      kind: "no-free-address",
      counts: { held: 1, assigned: 0, cooling: 1, free: 0 },
      nextFreeAt: T0 + 31_000,
    });
    expect(reserved(ledger, 2, T0 + 31_000)).toBe("10.0.0.20");
  });

  test("an address never used comes before a rested one, and of the rested the one that rested longest", () => {
    const ledger = aLedger("address", ["10.0.0.20/32", "10.0.0.21/32", "10.0.0.22/32"]);
    for (const n of [1, 2]) reserved(ledger, n);
    ledger.release(key(2), T0 + 1);
    ledger.release(key(1), T0 + 2);
    const later = T0 + 60_000;
    expect([3, 4, 5].map((n) => reserved(ledger, n, later))).toEqual(["10.0.0.22", "10.0.0.21", "10.0.0.20"]);
  });

  test("a clock set back does not keep addresses away for longer than one cooldown", () => {
    const ledger = aLedger("address", ["10.0.0.20/32"]);
    reserved(ledger, 1, T0 + 3_600_000);
    ledger.release(key(1), T0 + 3_600_000);
    expect(reserved(ledger, 2, T0)).toBe("no-free-address");
    expect(reserved(ledger, 2, T0 + 30_000)).toBe("10.0.0.20");
  });
});

describe("an address that EC2 took and gives again", () => {
  const range = cidr4("10.0.0.20/32");
  const back = (ledger: Ledger, now: number): string => {
    ledger.addBlock(eniId(0), range, now);
    return reserved(ledger, "new", now);
  };

  test("goes on resting", () => {
    const ledger = aLedger("address", ["10.0.0.20/32"]);
    reserved(ledger, 1);
    ledger.release(key(1), T0);
    ledger.dropBlock(eniId(0), range, T0 + 1_000);
    expect(back(ledger, T0 + 10_000)).toBe("no-free-address");
    expect(reserved(ledger, "later", T0 + 30_000)).toBe("10.0.0.20");
  });

  test("goes on resting after a restart, with or without another in between", () => {
    const ledger = aLedger("address");
    restoreBook(ledger, { reservations: new Map(), released: new Map([[range.base, T0]]) }, T0 + 1_000);
    const second = aLedger("address");
    restoreBook(second, bookOf(ledger), T0 + 2_000);
    expect(back(second, T0 + 10_000)).toBe("no-free-address");
    expect(back(ledger, T0 + 30_000)).toBe("10.0.0.20");
  });

  test("is its carrier's, not the next pod's", () => {
    const ledger = aLedger("address");
    const carrier = { key: key("carrier"), address: range.base, reservedAt: T0 };
    ledger.absent.isCarried(carrier);
    expect(back(ledger, T0)).toBe("no-free-address");
    expect(ledger.release(key("carrier"), T0)).toMatchObject(carrier);
  });
});

test("releasing an unknown sandbox, or twice, gives nothing", () => {
  const ledger = aLedger("address", ["10.0.0.20/32"]);
  expect(ledger.release(key(1), T0)).toBeUndefined();
  reserved(ledger, 1);
  ledger.release(key(1), T0);
  expect(ledger.release(key(1), T0)).toBeUndefined();
});

test("a sandbox taken over by container id alone is found again", () => {
  const ledger = aLedger("address", ["10.0.0.20/32"]);
  const legacy = { networkName: "_migrated-from-cri", containerId: "sandbox-7", ifName: "unknown" };
  expect(ledger.place({ key: legacy, address: ipv4("10.0.0.20"), reservedAt: 0 })).toBe("placed");
  expect(ledger.release(key(7), T0)?.key).toEqual(legacy);
});

test("a cancelled reservation leaves no rest behind", () => {
  const ledger = aLedger("address", ["10.0.0.20/32"]);
  reserved(ledger, 1);
  expect([ledger.cancel(key(1)), ledger.cancel(key(1))]).toEqual([true, false]);
  expect(ledger.counts(T0)).toEqual({ held: 1, assigned: 0, cooling: 0, free: 1 });
  expect(reserved(ledger, 2)).toBe("10.0.0.20");
});

test("placing says why it cannot", () => {
  const ledger = aLedger("address", ["10.0.0.20/32", "10.0.0.21/32"]);
  const at = (n: number, address: string) => ledger.place({ key: key(n), address: ipv4(address), reservedAt: T0 });
  expect([at(1, "10.0.0.20"), at(1, "10.0.0.20"), at(2, "10.0.0.20"), at(1, "10.0.0.21"), at(3, "10.0.9.9")]).toEqual([
    "placed",
    "placed",
    "taken",
    "key-elsewhere",
    "no-such-address",
  ]);
});

describe("handing back", () => {
  test("a withdrawn block gives out nothing, and can be restored", () => {
    const ledger = aLedger("prefix", TWO_PREFIXES);
    expect(ledger.withdraw(eniId(0), [cidr4("10.0.0.16/28")], T0)).toHaveLength(1);
    expect(ledger.counts(T0).held).toBe(16);
    expect(reserved(ledger, 1)).toBe("10.0.0.32");
    ledger.restore(eniId(0), [cidr4("10.0.0.16/28")]);
    expect(ledger.counts(T0)).toEqual({ held: 32, assigned: 1, cooling: 0, free: 31 });
  });

  test("a block with a pod or a resting address is not withdrawn; with a pod not dropped", () => {
    const ledger = aLedger("prefix", TWO_PREFIXES);
    reserved(ledger, 1);
    expect(ledger.withdraw(eniId(0), TWO_PREFIXES.map(cidr4), T0)).toEqual([cidr4("10.0.0.32/28")]);
    expect(ledger.dropBlock(eniId(0), cidr4("10.0.0.16/28"), T0)).toBe(false);
    ledger.release(key(1), T0);
    expect(ledger.withdraw(eniId(0), [cidr4("10.0.0.16/28")], T0)).toEqual([]);
  });

  test("an ENI with a pod stays; without, it and its addresses go", () => {
    const ledger = aLedger("address", ["10.0.0.20/32"]);
    reserved(ledger, 1);
    expect([ledger.withdrawEni(eniId(0), T0), ledger.dropEni(eniId(0), T0)]).toEqual([false, false]);
    ledger.release(key(1), T0);
    expect(ledger.withdrawEni(eniId(0), T0 + 30_000)).toBe(true);
    expect(reserved(ledger, 2, T0 + 30_000)).toBe("no-free-address");
    ledger.restoreEni(eniId(0));
    expect(ledger.counts(T0 + 30_000).free).toBe(1);
    expect(ledger.withdrawEni(eniId(0), T0 + 30_000) && ledger.dropEni(eniId(0), T0 + 30_000)).toBe(true);
    expect(ledger.counts(T0 + 30_000)).toEqual({ held: 0, assigned: 0, cooling: 0, free: 0 });
  });
});

test("a range is added once, and no two ranges share an address", () => {
  const ledger = aLedger("prefix", ["10.0.0.16/28"]);
  const add = (range: string) => ledger.addBlock(eniId(0), cidr4(range), T0);
  expect(["10.0.0.16/28", "10.0.0.20/32", "10.0.0.16/32", "10.0.0.0/24", "10.0.0.15/32"].map(add)).toEqual([
    false,
    false,
    false,
    false,
    true,
  ]);
  expect(ledger.addBlock(eniId(7), cidr4("10.0.7.0/28"), T0)).toBe(false);
});

test("addresses of the other mode serve when the current one has none", () => {
  const ledger = aLedger("prefix", ["10.0.0.16/28", "10.0.0.9/32"]);
  for (let n = 0; n < 16; n++) reserved(ledger, n);
  expect(reserved(ledger, "last")).toBe("10.0.0.9");
});

test("an ENI that takes no pods gives no address, but keeps the pods it has", () => {
  const ledger = aLedger("address", ["10.0.0.20/32", "10.0.0.21/32"]);
  reserved(ledger, 1);
  ledger.addEni(anEni(0, { takesPods: false }), T0);
  expect(ledger.counts(T0)).toEqual({ held: 1, assigned: 1, cooling: 0, free: 0 });
  expect(reserved(ledger, 2)).toBe("no-free-address");
  ledger.release(key(1), T0);
  expect(ledger.counts(T0 + 30_000)).toEqual({ held: 0, assigned: 0, cooling: 0, free: 0 });
});

test("introspection shows used addresses only", () => {
  const ledger = aLedger("prefix", ["10.0.0.16/28"]);
  reserved(ledger, 1);
  reserved(ledger, 2);
  ledger.release(key(2), T0 + 7);
  expect(ledger.inspect()[0]).toMatchObject({
    isPrimary: true,
    blocks: [
      {
        cidr: "10.0.0.16/28",
        isPrefix: true,
        addresses: [
          { address: "10.0.0.16", holder: { key: key(1) } },
          { address: "10.0.0.17", releasedAt: T0 + 7 },
        ],
      },
    ],
  });
});

test("the slot of an address is found in single addresses and prefixes", () => {
  const ledger = aLedger("prefix", ["10.0.0.16/28", "10.0.0.9/32"]);
  expect(ledger.slotOf(ipv4("10.0.0.30"))?.block.cidr).toEqual(cidr4("10.0.0.16/28"));
  expect(ledger.slotOf(ipv4("10.0.0.9"))?.block.cidr).toEqual(cidr4Of(ipv4("10.0.0.9"), 32));
  expect(ledger.slotOf(ipv4("10.0.0.10"))).toBeUndefined();
});
