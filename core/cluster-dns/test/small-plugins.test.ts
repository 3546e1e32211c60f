import { test as property, fc } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  addressOfReverse,
  answerHosts,
  closestZone,
  DEFAULT_CACHE,
  DnsCache,
  hostsPassOn,
  namedBack,
  parseHosts,
  rewriteName,
  shuffled,
  type CacheKey,
  type DnsRecord,
  type DnsReply,
} from "../src/index.ts";

const key: CacheKey = { name: "a.example", type: "A", wantsDnssec: false, checkingDisabled: false };
const a = (ttl: number, address = "10.0.0.1"): DnsRecord => ({ type: "A", name: "a.example", ttl, address });
const reply = (more: Partial<DnsReply>): DnsReply => ({
  rcode: "NOERROR",
  isAuthoritative: false,
  answers: [],
  authority: [],
  additional: [],
  ...more,
});
const soa: DnsRecord = {
  type: "SOA",
  name: "example",
  ttl: 900,
  mname: "ns",
  rname: "me",
  serial: 1,
  refresh: 1,
  retry: 1,
  expire: 1,
  minimum: 60,
};

describe("the cache", () => {
  test("counts an answer's time down and lets it go at its end", () => {
    const cache = new DnsCache(DEFAULT_CACHE);
    cache.keep(key, reply({ answers: [a(30)] }), 0);
    expect(cache.find(key, 10_000)?.reply.answers[0]?.ttl).toBe(20);
    expect(cache.find(key, 29_999)?.kind).toBe("success");
    expect(cache.find(key, 30_000)).toBeUndefined();
  });
  test("keeps a denial as long as its SOA record says, and no longer than the Corefile", () => {
    const cache = new DnsCache({ ...DEFAULT_CACHE, denial: { ...DEFAULT_CACHE.denial, maxSeconds: 30 } });
    cache.keep(key, reply({ rcode: "NXDOMAIN", authority: [soa] }), 0);
    expect(cache.find(key, 29_000)?.reply.rcode).toBe("NXDOMAIN");
    expect(cache.find(key, 30_000)).toBeUndefined();
  });
  test("keeps nothing that was cut, refused or of another zone; failures for a short time", () => {
    const cache = new DnsCache({ ...DEFAULT_CACHE, zones: ["example"] });
    cache.keep(key, reply({ answers: [a(30)], isTruncated: true }), 0);
    cache.keep(key, reply({ rcode: "REFUSED" }), 0);
    cache.keep({ ...key, name: "a.other" }, reply({ answers: [a(30)] }), 0);
    expect(cache.size("success") + cache.size("denial")).toBe(0);
    cache.keep(key, reply({ rcode: "SERVFAIL" }), 0);
    expect(cache.find(key, 4_999)?.reply.rcode).toBe("SERVFAIL");
    expect(cache.find(key, 5_000)).toBeUndefined();
  });
  test("tells apart what an answer depends on", () => {
    const cache = new DnsCache(DEFAULT_CACHE);
    cache.keep(key, reply({ answers: [a(30)] }), 0);
    for (const other of [{ type: "AAAA" }, { wantsDnssec: true }, { checkingDisabled: true }, { name: "b.example" }])
      expect(cache.find({ ...key, ...other }, 0)).toBeUndefined();
  });
  test("a name that came to be is not denied any longer", () => {
    const cache = new DnsCache(DEFAULT_CACHE);
    cache.keep(key, reply({ rcode: "NXDOMAIN", authority: [soa] }), 0);
    cache.keep(key, reply({ answers: [a(30)] }), 1);
    expect(cache.find(key, 2)?.reply.rcode).toBe("NOERROR");
  });
  test("what is asked for often is fetched anew in the last of its time, and the count goes on with the new answer", () => {
    const cache = new DnsCache({ ...DEFAULT_CACHE, prefetch: { amount: 3, gapMs: 60_000, percentage: 20 } });
    cache.keep(key, reply({ answers: [a(100)] }), 0);
    const states = [10_000, 20_000, 79_999, 80_000].map((now) => cache.find(key, now)?.state);
    expect(states).toEqual(["fresh", "fresh", "fresh", "popular"]);
    cache.keep(key, reply({ answers: [a(100)] }), 80_000);
    expect(cache.find(key, 81_000)?.state).toBe("fresh");
    expect(cache.find(key, 140_000)?.state).toBe("fresh");
    expect(cache.find(key, 160_000)?.state).toBe("popular");
    // After a gap it is not asked for often any more.
    cache.keep(key, reply({ answers: [a(200)] }), 160_000);
    expect(cache.find(key, 161_000)?.state).toBe("fresh");
    expect(cache.find(key, 355_000)?.state).toBe("fresh");
    expect(cache.find(key, 356_000)?.state).toBe("fresh");
    expect(cache.find(key, 357_000)?.state).toBe("popular");
  });
  test("an answer whose time is up is given with a time to live of 0, as long as is said; a failure never is", () => {
    const cache = new DnsCache({ ...DEFAULT_CACHE, serveStale: { maxSeconds: 60, isVerified: false } });
    cache.keep(key, reply({ answers: [a(30)] }), 0);
    expect(cache.find(key, 29_999)).toMatchObject({ state: "fresh", reply: { answers: [{ ttl: 1 }] } });
    expect(cache.find(key, 30_000)).toMatchObject({ state: "stale", reply: { answers: [{ ttl: 0 }] } });
    expect(cache.find(key, 89_999)).toMatchObject({ state: "stale", kind: "success" });
    // A failure to fetch a newer one does not take its place.
    cache.keep(key, reply({ rcode: "SERVFAIL" }), 89_999);
    expect(cache.find(key, 89_999)?.reply.rcode).toBe("NOERROR");
    expect(cache.find(key, 90_000)).toBeUndefined();
    cache.keep(key, reply({ rcode: "SERVFAIL" }), 90_000);
    expect(cache.find(key, 95_000)).toBeUndefined();
    cache.keep(key, reply({ rcode: "NXDOMAIN", authority: [soa] }), 100_000);
    expect(cache.find(key, 5_000_000)).toBeUndefined();
  });
  property.prop([fc.array(fc.tuple(fc.nat(50), fc.nat(4_000)), { maxLength: 200 })])(
    "never holds more than its capacity, nor gives more time than is left",
    (stores) => {
      const cache = new DnsCache({ ...DEFAULT_CACHE, success: { capacity: 10, maxSeconds: 100, minSeconds: 5, disabledIn: [] } });
      let now = 0;
      for (const [name, ttl] of stores) {
        now += 500;
        const one = { ...key, name: `n${name}.example` };
        cache.keep(one, reply({ answers: [a(ttl)] }), now);
        expect(cache.size("success")).toBeLessThanOrEqual(10);
        const left = cache.find(one, now)?.reply.answers[0]?.ttl ?? 0;
        expect(left).toBeGreaterThanOrEqual(5);
        expect(left).toBeLessThanOrEqual(100);
      }
    },
  );
});

test("hosts answers both ways, and passes on what it does not know only where it may", () => {
  const entries = parseHosts("10.0.0.9 a.example b.example # comment\nnonsense\n::1 c.example");
  const settings = { zones: [""], entries, ttl: 60, hasReverse: true };
  expect(answerHosts(settings, entries, { name: "b.example", type: "A" })?.answers).toEqual([
    { type: "A", name: "b.example", ttl: 60, address: "10.0.0.9" },
  ]);
  expect(answerHosts(settings, entries, { name: "b.example", type: "AAAA" })?.answers).toEqual([]);
  expect(
    answerHosts(settings, entries, { name: "9.0.0.10.in-addr.arpa", type: "PTR" })?.answers.map(
      (record) => "target" in record && record.target,
    ),
  ).toEqual(["a.example", "b.example"]);
  expect(answerHosts(settings, entries, { name: "z.example", type: "A" })).toBeUndefined();
  expect(hostsPassOn(settings, "z.example")).toBe(false);
  expect(hostsPassOn({ ...settings, fallthrough: ["example"] }, "z.example")).toBe(true);
});

test.each([
  ["exact", "a.example", "b.example", "a.example", "b.example"],
  ["exact", "a.example", "b.example", "x.a.example", "x.a.example"],
  ["suffix", ".example", ".shop.svc.cluster.local", "web.example", "web.shop.svc.cluster.local"],
  ["prefix", "old-", "new-", "old-web.example", "new-web.example"],
  ["substring", "old", "new", "a.old.example", "a.new.example"],
  ["regex", String.raw`^(.*)\.svc\.local$`, "{1}.svc.cluster.local", "web.shop.svc.local", "web.shop.svc.cluster.local"],
] as const)("rewrite name %s %s %s: %s is looked up as %s, and the answer bears the name asked for", (kind, from, to, asked, looked) => {
  expect(rewriteName([{ kind, from, to, goesOn: false }], asked)).toBe(looked);
  const answered = namedBack(reply({ answers: [{ type: "A", name: looked, ttl: 1, address: "10.0.0.1" }] }), looked, asked);
  expect(answered.answers[0]?.name).toBe(asked);
});

property.prop([fc.array(fc.ipV4(), { maxLength: 20 }), fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }))])(
  "shuffling loses no record and keeps aliases in front",
  (addresses, numbers) => {
    const alias: DnsRecord = { type: "CNAME", name: "w", ttl: 1, target: "a.example" };
    const before = [...addresses.map((address) => a(1, address)), alias];
    const after = shuffled(before, () => numbers.next().value ?? 0);
    expect(after[0]).toBe(alias);
    expect(new Set(after)).toEqual(new Set(before));
    expect(after).toHaveLength(before.length);
  },
);

property.prop([fc.ipV4()])("an address is found again behind its reverse name", (address) => {
  expect(addressOfReverse(`${address.split(".").reverse().join(".")}.in-addr.arpa`)).toBe(address);
});

test("an IPv6 address is found behind its reverse name, a part of one is not", () => {
  const nibbles = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2";
  expect(addressOfReverse(`${nibbles}.ip6.arpa`)).toBe("2001:db8::1");
  expect(addressOfReverse(`${nibbles.slice(2)}.ip6.arpa`)).toBeUndefined();
  expect(addressOfReverse("10.in-addr.arpa")).toBeUndefined();
});

test("the longest zone wins, on whole labels", () => {
  expect(closestZone("a.b.example", ["", "example", "b.example"])).toBe("b.example");
  expect(closestZone("notexample", ["example"])).toBeUndefined();
});
