import { describe, expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import { cacheFault, CredentialCache, type CacheSettings, type Exchanged, type PodToken } from "../src/index.ts";
import { NOW_MS } from "./a-token.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SETTINGS: CacheSettings = { entriesMax: 3, retentionMs: 3 * HOUR, renewals: { perSecond: 3, burst: 3 } };

const token = (holder: string, text = `${holder}-1`, expiresAtMs?: number): PodToken => ({
  holder,
  text,
  expiresAtMs,
});
const given = (until: number, accessKeyId = "ASIA"): Exchanged => ({
  ok: true,
  credentials: {
    accessKeyId,
    secretAccessKey: "s",
    sessionToken: "t",
    accountId: "111122223333",
    expiresAtMs: until,
    association: { id: "a-1", roleArn: "arn", roleId: "id" },
  },
});
const refused = (isFinal: boolean): Exchanged => ({
  ok: false,
  failure: { status: isFinal ? 400 : 500, code: "X", message: "no", isFinal },
});
const aCache = (settings: Partial<CacheSettings> = {}): CredentialCache => new CredentialCache({ ...SETTINGS, ...settings }, NOW_MS);
/** Asks and, where it has to be, exchanges. */
const fetch = (cache: CredentialCache, one: PodToken, now = NOW_MS, exchanged = given(now + 6 * HOUR)): string => {
  const { kind } = cache.find(one, now);
  if (kind === "exchange") cache.settle(one, exchanged, now, 0);
  return kind;
};

describe("asking", () => {
  test("the same token is exchanged once, another pod's for itself", () => {
    const cache = aCache();
    expect([fetch(cache, token("a")), fetch(cache, token("a")), fetch(cache, token("b"))]).toEqual(["exchange", "kept", "exchange"]);
  });

  test("who asks while a token is exchanged shares its outcome, also a bad one", () => {
    const cache = aCache();
    expect([cache.find(token("a"), NOW_MS).kind, cache.find(token("a"), NOW_MS).kind]).toEqual(["exchange", "join"]);
    cache.settle(token("a"), refused(false), NOW_MS, 0);
    expect(cache.find(token("a"), NOW_MS).kind).toBe("exchange");
  });

  test("a new token of a pod takes the place of its old one", () => {
    const cache = aCache();
    fetch(cache, token("a"));
    expect(fetch(cache, token("a", "a-2"))).toBe("exchange");
    expect([cache.size, fetch(cache, token("a", "a-2"))]).toEqual([1, "kept"]);
  });

  test("a forged token that names another pod gets nothing, and takes nothing away", () => {
    const cache = aCache();
    fetch(cache, token("a"));
    expect(fetch(cache, token("a", "forged"), NOW_MS, refused(true))).toBe("exchange");
    expect(fetch(cache, token("a"))).toBe("kept");
  });

  test("the one asked for longest ago makes room", () => {
    const cache = aCache();
    for (const name of ["a", "b", "c", "a", "d"]) fetch(cache, token(name));
    expect([cache.size, fetch(cache, token("a")), fetch(cache, token("b"))]).toEqual([3, "kept", "exchange"]);
  });

  test.each([
    ["no entries", { entriesMax: 0 }],
    ["no retention", { retentionMs: 0 }],
  ])("with %s every request is exchanged", (_, settings) => {
    const cache = aCache(settings);
    expect([fetch(cache, token("a")), fetch(cache, token("a")), cache.size]).toEqual(["exchange", "exchange", 0]);
  });

  test("credentials that end within 15 seconds are refused, and not kept", () => {
    const cache = aCache();
    cache.find(token("a"), NOW_MS);
    expect(cache.settle(token("a"), given(NOW_MS + 15_000), NOW_MS, 0)).toMatchObject({ ok: false, failure: { status: 500 } });
    expect(cache.size).toBe(0);
    expect(fetch(cache, token("b"), NOW_MS, given(NOW_MS + 15_001))).toBe("exchange");
    expect([cache.find(token("b"), NOW_MS).kind, cache.find(token("b"), NOW_MS + 1).kind]).toEqual(["kept", "exchange"]);
  });
});

describe("renewal", () => {
  test.each([
    ["six hours: after the retention", 6 * HOUR, 3 * HOUR],
    ["59 minutes: a quarter of an hour before their end", 59 * MINUTE, 44 * MINUTE],
    ["ten minutes: half-way", 10 * MINUTE, 5 * MINUTE],
  ])("of credentials of %s", (_, life, after) => {
    const cache = aCache();
    fetch(cache, token("a"), NOW_MS, given(NOW_MS + life));
    expect(cache.sweep(NOW_MS + after - 1).renew).toEqual([]);
    expect(cache.sweep(NOW_MS + after).renew).toEqual([token("a")]);
    expect(cache.sweep(NOW_MS + after).renew).toEqual([]);
  });

  test("goes at its pace; the rest keep what they have", () => {
    const cache = aCache({ entriesMax: 10 });
    for (const name of ["a", "b", "c", "d", "e"]) fetch(cache, token(name));
    const later = NOW_MS + 3 * HOUR;
    expect(cache.sweep(later).renew).toHaveLength(3);
    expect(cache.find(token("e"), later).kind).toBe("kept");
    expect(cache.sweep(later + 334).renew).toHaveLength(1);
    expect(cache.sweep(later + 1_000).renew).toHaveLength(1);
  });

  test("who has not asked since the last one is not renewed again, and given up", () => {
    const cache = aCache();
    fetch(cache, token("a"));
    const once = NOW_MS + 3 * HOUR;
    expect(cache.sweep(once).renew).toHaveLength(1);
    cache.settle(token("a"), given(once + 6 * HOUR), once, 0);
    expect(cache.sweep(once + 3 * HOUR)).toEqual({ renew: [], evicted: 1 });
  });

  test("a token that is over is not exchanged any more", () => {
    const cache = aCache();
    fetch(cache, token("a", "a-1", NOW_MS + HOUR));
    expect(cache.sweep(NOW_MS + HOUR)).toEqual({ renew: [], evicted: 1 });
  });

  test.each([
    ["may pass: they are kept, and it is tried again in one to two minutes", false, "kept", 1],
    ["is final: they are given up at once", true, "exchange", 0],
  ])("a failure that %s", (_, isFinal, then, size) => {
    const cache = aCache();
    fetch(cache, token("a"));
    const later = NOW_MS + 3 * HOUR;
    cache.sweep(later);
    cache.settle(token("a"), refused(isFinal), later, 0.5);
    expect([cache.size, cache.find(token("a"), later).kind]).toEqual([size, then]);
    if (!isFinal) expect([cache.sweep(later + 89_999).renew.length, cache.sweep(later + 90_000).renew.length]).toEqual([0, 1]);
  });

  test("a failure after their end gives them up", () => {
    const cache = aCache();
    fetch(cache, token("a"), NOW_MS, given(NOW_MS + HOUR));
    cache.sweep(NOW_MS + 50 * MINUTE);
    cache.settle(token("a"), refused(false), NOW_MS + HOUR, 0);
    expect(cache.size).toBe(0);
  });
});

test("settings that could not be kept are refused, with numbers", () => {
  expect(cacheFault({ entriesMax: 2_000, retentionMs: 3 * HOUR, renewals: { perSecond: 3, burst: 3 } })).toBeUndefined();
  expect(cacheFault({ entriesMax: 0, retentionMs: 1_000, renewals: { perSecond: 1, burst: 1 } })).toBeUndefined();
  expect(cacheFault({ entriesMax: 2_000, retentionMs: 60_000, renewals: { perSecond: 3, burst: 3 } })).toContain("only 180 credentials");
});

const step = fc.record({
  kind: fc.constantFrom("ask", "rotate", "sweep"),
  pod: fc.integer({ min: 0, max: 5 }),
  afterMs: fc.integer({ min: 0, max: 2 * HOUR }),
  outcome: fc.constantFrom("given", "passing", "final"),
});
property.prop([fc.array(step, { maxLength: 60 })])(
  "what is kept was given for that very token and has not ended; there is never too much",
  (steps) => {
    const cache = aCache();
    const versions = [0, 0, 0, 0, 0, 0];
    const outcomeOf = (one: PodToken, now: number, outcome: string): Exchanged =>
      outcome === "given" ? given(now + 6 * HOUR, one.text) : refused(outcome === "final");
    let now = NOW_MS;
    for (const { kind, pod, afterMs, outcome } of steps) {
      now += afterMs;
      if (kind === "rotate") versions[pod]!++;
      const one = token(String(pod), `${pod}-${versions[pod]}`);
      if (kind === "sweep") for (const due of cache.sweep(now).renew) cache.settle(due, outcomeOf(due, now, outcome), now, 0.5);
      const found = cache.find(one, now);
      if (found.kind === "kept") {
        expect(found.credentials.accessKeyId).toBe(one.text);
        expect(found.credentials.expiresAtMs).toBeGreaterThan(now + 15_000);
      } else cache.settle(one, outcomeOf(one, now, outcome), now, 0.5);
      expect(cache.size).toBeLessThanOrEqual(3);
    }
  },
);
