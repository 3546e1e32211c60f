import type { CacheClass, CacheSettings } from "../cache.ts";
import { DEFAULT_CACHE } from "../cache.ts";
import type { DnsName } from "../message.ts";
import { count, durationMs, unknownOption, zonesOf } from "./arguments.ts";
import { problem, type Checked, type Directive } from "./parse-corefile.ts";

const OPTIONS = ["success", "denial", "servfail", "disable", "keepttl", "prefetch", "serve_stale"];
const SERVFAIL_MAX_SECONDS = 300;

/** https://coredns.io/plugins/cache/ */
export function readCache(directive: Directive, blockZones: readonly DnsName[]): Checked<CacheSettings> {
  const [first, ...rest] = directive.args;
  const ttl = count(first);
  const zones = zonesOf(ttl === undefined ? directive.args : rest, blockZones);
  let settings: CacheSettings = { ...DEFAULT_CACHE, zones };
  if (ttl !== undefined) {
    if (ttl === 0) return problem(directive.line, "cache: a time to live of 0 would keep nothing; leave the plugin out instead");
    settings = { ...settings, success: { ...settings.success, maxSeconds: ttl }, denial: { ...settings.denial, maxSeconds: ttl } };
  }
  for (const option of directive.block) {
    const read = readOption(option, settings);
    if (!read.ok) return read;
    settings = { ...settings, ...read.value };
  }
  return { ok: true, value: settings };
}

function readOption(option: Directive, settings: CacheSettings): Checked<Partial<CacheSettings>> {
  const { name, args, line } = option;
  switch (name) {
    case "success":
    case "denial": {
      const read = readClass(option, settings[name]);
      return read.ok ? { ok: true, value: { [name]: read.value } } : read;
    }
    case "servfail": {
      const ms = durationMs(args[0] ?? "");
      return ms === undefined || ms > SERVFAIL_MAX_SECONDS * 1_000
        ? problem(line, `cache: servfail takes a duration up to ${SERVFAIL_MAX_SECONDS}s`)
        : { ok: true, value: { servfailSeconds: ms / 1_000 } };
    }
    case "disable": {
      const [what, ...zones] = args;
      if (what !== "success" && what !== "denial") return problem(line, "cache: disable takes success or denial");
      return { ok: true, value: { [what]: { ...settings[what], disabledIn: zonesOf(zones, [""]) } } };
    }
    case "prefetch":
      return readPrefetch(option);
    case "serve_stale":
      return readServeStale(option);
    case "keepttl":
      return { ok: true, value: { keepsTtl: true } };
    default:
      return unknownOption("cache", option, OPTIONS);
  }
}

/** `AMOUNT [DURATION [PERCENTAGE%]]`; an amount of 0 is none. */
function readPrefetch({ args, line }: Directive): Checked<Partial<CacheSettings>> {
  const [first, duration = "1m", percent = "10%", ...more] = args;
  const [amount, gapMs] = [count(first), durationMs(duration)];
  const percentage = percent.endsWith("%") ? count(percent.slice(0, -1)) : undefined;
  if (amount === undefined || gapMs === undefined || percentage === undefined || percentage < 10 || percentage > 90 || more.length > 0)
    return problem(line, "cache: prefetch takes an amount, a duration, and a percentage from 10% to 90%: prefetch 10 1m 10%");
  return { ok: true, value: amount === 0 ? {} : { prefetch: { amount, gapMs, percentage } } };
}

const STALE_SECONDS = 3_600;

/** `[DURATION] [immediate|verify]` */
function readServeStale({ args, line }: Directive): Checked<Partial<CacheSettings>> {
  const [duration, mode = "immediate", ...more] = args;
  const ms = duration === undefined ? STALE_SECONDS * 1_000 : durationMs(duration);
  if (ms === undefined || ms === 0 || (mode !== "immediate" && mode !== "verify") || more.length > 0)
    return problem(line, "cache: serve_stale takes a duration, and immediate or verify: serve_stale 1h immediate");
  return { ok: true, value: { serveStale: { maxSeconds: ms / 1_000, isVerified: mode === "verify" } } };
}

/** `CAPACITY [TTL] [MINTTL]` */
function readClass({ name, args, line }: Directive, otherwise: CacheClass): Checked<CacheClass> {
  const numbers = args.map(count);
  const [capacity, maxSeconds = otherwise.maxSeconds, minSeconds = otherwise.minSeconds] = numbers;
  if (capacity === undefined || numbers.includes(undefined))
    return problem(line, `cache: ${name} takes a capacity, and seconds: ${name} 9984 30 5`);
  return {
    ok: true,
    value: { ...otherwise, capacity: Math.max(1_024, capacity), maxSeconds, minSeconds: Math.min(minSeconds, maxSeconds) },
  };
}
