import { bareReply, closestZone, type BlockSettings, type DnsReply } from "@slash28/cluster-dns";
import type { DnsQuery, DnsClient } from "@slash28/dns";
import type { Clock, Log } from "@slash28/ports";
import type { Ask } from "./ask.ts";
import { runBlock, type BlockParts, type RunningBlock } from "./block-handler.ts";
import type { FollowedCluster } from "./cluster/follow-cluster.ts";
import type { DnsMetrics } from "./dns-metrics.ts";
import { createHttpPages, type PageAt } from "./http/http-pages.ts";
import { createPortSet, listenForDns } from "./listeners.ts";

export interface DnsServerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: DnsMetrics;
  readonly log: Log;
  /** Called at most once, when the first block with the `kubernetes` plugin starts. */
  readonly followCluster: () => FollowedCluster;
  readonly ownAddresses: () => readonly string[];
  readonly readFile: (path: string) => string;
  /** The server would ask itself for ever; CoreDNS ends here. */
  readonly onLoop: (detail: string) => void;
}

export interface DnsServer {
  /** Serves these blocks from now on; ports that stay are not closed. Rejects, with everything as before, when one cannot be opened. */
  serve(blocks: readonly BlockSettings[]): Promise<void>;
  /** Not ready from now on, but still answering. */
  retire(): void;
  stop(): Promise<void>;
}

/** A DNS server made of server blocks, and its health, ready and metrics pages. */
export function createDnsServer(options: DnsServerOptions): DnsServer {
  const pages = createHttpPages();
  let running: readonly RunningBlock[] = [];
  let cluster: FollowedCluster | undefined;
  let isRetired = false;
  const onBug = (cause: unknown): void => {
    options.metrics.add("coredns_panics_total");
    options.log.error("a question could not be answered", {
      detail: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    });
  };
  const answerAt = (port: number, query: DnsQuery, client: DnsClient): Promise<DnsReply> => {
    const ask: Ask = {
      question: query.question,
      transport: client.transport,
      wantsDnssec: query.edns?.wantsDnssec ?? false,
      checkingDisabled: query.checkingDisabled,
      depth: 0,
    };
    return measured(options, pickBlock(running, port, ask), ask, client);
  };
  const ports = createPortSet((address, port) =>
    listenForDns({ address, port, onBug, answer: (query, client) => answerAt(port, query, client) }),
  );
  return {
    async serve(blocks) {
      if (blocks.some((block) => block.kubernetes !== undefined)) cluster ??= options.followCluster();
      const parts = { ...options, cluster };
      const next = blocks.map((block) =>
        runBlock(
          block,
          partsFor(parts, block.port, () => running),
        ),
      );
      const before = running;
      running = next;
      try {
        await ports.use(blocks);
      } catch (cause) {
        running = before;
        throw cause;
      }
      for (const block of before) block.stop();
      for (const block of next) block.started();
      await pages.serve(pagesOf(blocks, { metrics: options.metrics, isReady: () => !isRetired && (cluster?.isComplete() ?? true) }));
    },
    retire: () => {
      isRetired = true;
    },
    async stop() {
      for (const block of running) block.stop();
      await Promise.all([ports.close(), pages.close(), cluster?.stop()]);
    },
  };
}

function partsFor(
  parts: DnsServerOptions & { readonly cluster: FollowedCluster | undefined },
  port: number,
  running: () => readonly RunningBlock[],
): BlockParts {
  return {
    ...parts,
    lookUp: (ask) => pickBlock(running(), port, ask)?.handle(ask) ?? Promise.resolve(bareReply("REFUSED")),
  };
}

/** The block with the longest zone that the name lies in. */
function pickBlock(blocks: readonly RunningBlock[], port: number, { question }: Ask): RunningBlock | undefined {
  const own = blocks.filter((block) => block.settings.port === port);
  const zone = closestZone(
    question.name,
    own.flatMap((block) => block.settings.zones),
  );
  return zone === undefined ? undefined : own.find((block) => block.settings.zones.includes(zone));
}

async function measured(
  { clock, metrics }: DnsServerOptions,
  block: RunningBlock | undefined,
  ask: Ask,
  { transport }: DnsClient,
): Promise<DnsReply> {
  if (block === undefined) return bareReply("REFUSED");
  const labels = { server: block.server, zone: `${closestZone(ask.question.name, block.settings.zones) ?? ""}.` };
  metrics.add("coredns_dns_requests_total", {
    ...labels,
    proto: transport,
    type: SHOWN_TYPES.has(ask.question.type) ? ask.question.type : "other",
  });
  const started = clock.now();
  const reply = await block.handle(ask);
  metrics.observe("coredns_dns_request_duration_seconds", (clock.now() - started) / 1_000, labels);
  metrics.add("coredns_dns_responses_total", { ...labels, rcode: reply.rcode, plugin: "" });
  return reply;
}

/** The rest share one label, as in CoreDNS: clients must not make series. */
const SHOWN_TYPES = new Set("A AAAA DS DNSKEY MX NSEC NSEC3 RRSIG TXT CNAME SOA PTR SRV NS HTTPS ANY HINFO".split(" "));

function pagesOf(
  blocks: readonly BlockSettings[],
  { metrics, isReady }: { readonly metrics: DnsMetrics; readonly isReady: () => boolean },
): readonly PageAt[] {
  return blocks.flatMap(({ health, ready, prometheus, kubernetes }): PageAt[] => [
    ...(health === undefined ? [] : [{ at: health, path: "/health", page: () => ({ status: 200, body: "OK" }) }]),
    ...(ready === undefined
      ? []
      : [
          {
            at: ready,
            path: "/ready",
            page: () =>
              isReady() ? { status: 200, body: "OK" } : { status: 503, body: kubernetes === undefined ? "server" : "kubernetes" },
          },
        ]),
    ...(prometheus === undefined
      ? []
      : [{ at: prometheus, path: "/metrics", page: async () => ({ status: 200, body: await metrics.text() }) }]),
  ]);
}
