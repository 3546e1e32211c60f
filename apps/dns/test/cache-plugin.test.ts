import { DEFAULT_CACHE, type CacheSettings, type DnsReply } from "@slash28/cluster-dns";
import { createManualClock, type ManualClock } from "@slash28/testkit";
import { expect, test } from "vitest";
import type { Ask, Handler } from "../src/ask.ts";
import { createDnsMetrics } from "../src/index.ts";
import { cacheHandler } from "../src/plugins/cache.ts";

const TTL = 30;
const ASK: Ask = { question: { name: "a.example", type: "A" }, transport: "udp", wantsDnssec: false, checkingDisabled: false, depth: 0 };
const MINUTE_MS = 60_000;

interface Bench {
  readonly clock: ManualClock;
  /** The last number of the address it is told, and its time to live; or how it failed. */
  readonly ask: () => Promise<string>;
  /** Questions that went past the cache. */
  asked: number;
  /** What is behind the cache answers with its count, or fails. */
  behind: "answers" | "fails" | "breaks";
  readonly metric: (name: string) => Promise<string | undefined>;
}

function bench(settings: Partial<CacheSettings>): Bench {
  const clock = createManualClock();
  const metrics = createDnsMetrics();
  const answer = (): DnsReply => ({
    rcode: "NOERROR",
    isAuthoritative: false,
    answers: [{ type: "A", name: "a.example", ttl: TTL, address: `10.0.0.${made.asked}` }],
    authority: [],
    additional: [],
  });
  const next: Handler = async () => {
    made.asked++;
    if (made.behind === "breaks") throw new Error("no way there");
    return made.behind === "answers" ? answer() : { ...answer(), rcode: "SERVFAIL", answers: [] };
  };
  const handle = cacheHandler({ ...DEFAULT_CACHE, ...settings }, { clock, metrics, server: "dns://:53" }, next);
  const made: Bench = {
    clock,
    asked: 0,
    behind: "answers",
    async ask() {
      const { rcode, answers } = await handle(ASK);
      const [first] = answers;
      return first === undefined || !("address" in first) ? rcode : `${first.address.split(".")[3] ?? ""} for ${first.ttl}`;
    },
    metric: async (name) => new RegExp(`^${name}\\{.*\\} (\\d+)$`, "m").exec(await metrics.text())?.[1],
  };
  return made;
}

test("prefetch: the popular answer is given at once, and a newer one is there before its time is up", async () => {
  const it = bench({ prefetch: { amount: 2, gapMs: MINUTE_MS, percentage: 10 } });
  expect(await it.ask()).toBe("1 for 30");
  await it.clock.advance(10_000);
  expect(await it.ask()).toBe("1 for 20");
  await it.clock.advance(17_000);
  expect([await it.ask(), it.asked]).toEqual(["1 for 3", 2]);
  await it.clock.advance(1_000);
  expect([await it.ask(), it.asked]).toEqual(["2 for 29", 2]);
  expect(await it.metric("coredns_cache_prefetch_total")).toBe("1");
});

test("prefetch: one that fails leaves the answer for the rest of its time", async () => {
  const it = bench({ prefetch: { amount: 1, gapMs: MINUTE_MS, percentage: 50 } });
  await it.ask();
  for (const behind of ["fails", "breaks"] as const) {
    it.behind = behind;
    await it.clock.advance(10_000);
    expect(await it.ask()).toMatch(/^1 for /);
  }
});

test("serve_stale: the old answer is given at once, and the next client has the new one", async () => {
  const it = bench({ serveStale: { maxSeconds: 3_600, isVerified: false } });
  await it.ask();
  await it.clock.advance(20 * MINUTE_MS);
  expect([await it.ask(), it.asked]).toEqual(["1 for 0", 2]);
  await it.clock.advance(1_000);
  expect([await it.ask(), it.asked]).toEqual(["2 for 29", 2]);
  expect(await it.metric("coredns_cache_served_stale_total")).toBe("1");
});

test.each([false, true])("serve_stale, verified %s: names resolve through an outage, for as long as is said", async (isVerified) => {
  const it = bench({ serveStale: { maxSeconds: 3_600, isVerified } });
  await it.ask();
  await it.clock.advance(TTL * 1_000);
  for (const behind of ["fails", "breaks"] as const) {
    it.behind = behind;
    expect(await it.ask()).toBe("1 for 0");
    await it.clock.advance(10 * MINUTE_MS);
  }
  await it.clock.advance(50 * MINUTE_MS);
  it.behind = "fails";
  expect(await it.ask()).toBe("SERVFAIL");
});

test("serve_stale verify: the new answer is waited for", async () => {
  const it = bench({ serveStale: { maxSeconds: 3_600, isVerified: true } });
  await it.ask();
  await it.clock.advance(5 * MINUTE_MS);
  expect(await it.ask()).toBe("2 for 30");
  expect(await it.metric("coredns_cache_served_stale_total")).toBeUndefined();
});
