import { bareReply, isWithin, type DnsReply, type ForwardSettings } from "@slash28/cluster-dns";
import { askServer, type DnsServerAddress } from "@slash28/dns";
import type { Clock, Log, Metrics } from "@slash28/ports";
import type { Ask, Handler } from "../ask.ts";

export interface ForwardParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly log: Log;
}

export interface Forwarder {
  readonly handle: Handler;
  stop(): void;
}

interface Upstream extends DnsServerAddress {
  readonly title: string;
  /** Failures in a row. */
  fails: number;
}

/** What a client waits for at most; resolvers ask again after 5 s. */
const TOTAL_MS = 5_000;
const TRY_MS = 2_000;

/** Passes questions on to other servers; a server that fails is passed over until it answers a probe. */
export function createForwarder(
  settings: ForwardSettings,
  servers: readonly DnsServerAddress[],
  parts: ForwardParts,
  next: Handler,
): Forwarder {
  const upstreams = servers.map((server): Upstream => ({ ...server, title: `${server.address}:${server.port}`, fails: 0 }));
  const stopped = new AbortController();
  const order = createOrder(settings, upstreams, parts.random);
  let inFlight = 0;
  const failed = (upstream: Upstream): void => {
    if (upstream.fails++ === 0) void probe(upstream, settings, parts, stopped.signal);
  };
  const pass = async (ask: Ask): Promise<DnsReply> => {
    const until = parts.clock.now() + TOTAL_MS;
    const candidates = order();
    let last: unknown;
    for (let tries = 0; parts.clock.now() < until && tries < candidates.length * 2; tries++) {
      const upstream = candidates[tries % candidates.length];
      if (upstream === undefined) break;
      try {
        const reply = await askUpstream(upstream, ask, settings, parts, until);
        upstream.fails = 0;
        return reply;
      } catch (cause) {
        last = cause;
        failed(upstream);
      }
    }
    parts.log.error("no server answered", {
      name: ask.question.name,
      type: ask.question.type,
      detail: last instanceof Error ? last.message : "",
    });
    return bareReply("SERVFAIL");
  };
  return {
    async handle(ask) {
      const { name } = ask.question;
      if (!isWithin(name, settings.from) || settings.except.some((zone) => isWithin(name, zone))) return next(ask);
      if (settings.maxConcurrent !== undefined && inFlight >= settings.maxConcurrent) {
        parts.metrics.add("coredns_forward_max_concurrent_rejects_total");
        return bareReply("REFUSED");
      }
      inFlight++;
      try {
        return await pass(ask);
      } finally {
        inFlight--;
      }
    },
    stop: () => stopped.abort(),
  };
}

/** In which order servers are tried for one question; those that fail are left out while any other is well. */
function createOrder(settings: ForwardSettings, upstreams: readonly Upstream[], random: () => number): () => readonly Upstream[] {
  let turn = 0;
  const first = (): number => {
    if (settings.policy === "sequential") return 0;
    return settings.policy === "round_robin" ? turn++ : Math.floor(random() * upstreams.length);
  };
  return () => {
    const start = first();
    const all = upstreams.flatMap((_, at) => upstreams[(start + at) % upstreams.length] ?? []);
    const well = all.filter((one) => settings.maxFails === 0 || one.fails < settings.maxFails);
    // With every server down one of them may still have come back.
    return well.length > 0 ? well : all.slice(0, 1);
  };
}

async function askUpstream(upstream: Upstream, ask: Ask, settings: ForwardSettings, parts: ForwardParts, until: number): Promise<DnsReply> {
  const { metrics, random, clock } = parts;
  const over = (transport: "udp" | "tcp"): Promise<DnsReply> => {
    metrics.add("coredns_forward_requests_total", { to: upstream.title });
    const timeoutMs = Math.max(1, Math.min(TRY_MS, until - clock.now()));
    return askServer(upstream, ask.question, { transport, timeoutMs, random, wantsDnssec: ask.wantsDnssec });
  };
  const first = settings.transport === "force-tcp" ? "tcp" : settings.transport === "prefer-udp" ? "udp" : ask.transport;
  let reply = await over(first);
  // A cut answer goes to the client as it is, and the client asks again over TCP; who prefers UDP asks again here.
  if (reply.isTruncated === true && first === "udp" && settings.transport === "prefer-udp") reply = await over("tcp");
  metrics.add("coredns_forward_responses_total", { to: upstream.title, rcode: reply.rcode });
  return reply;
}

/** Asks a failing server for the root's name servers until it answers anything. */
async function probe(upstream: Upstream, settings: ForwardSettings, parts: ForwardParts, signal: AbortSignal): Promise<void> {
  while (upstream.fails > 0 && !signal.aborted) {
    await parts.clock.sleep(settings.healthCheckMs, signal);
    if (signal.aborted) return;
    try {
      await askServer(upstream, { name: "", type: "NS" }, { transport: "udp", timeoutMs: TRY_MS, random: parts.random });
      upstream.fails = 0;
    } catch {
      parts.metrics.add("coredns_forward_healthcheck_broken_total");
    }
  }
}
