import {
  answerHosts,
  bareReply,
  hostsPassOn,
  namedBack,
  nameserversOf,
  parseHosts,
  rewriteName,
  shuffled,
  type BlockSettings,
  type HostsSettings,
  type RewriteRule,
} from "@slash28/cluster-dns";
import type { DnsServerAddress } from "@slash28/dns";
import type { Clock, Log, Metrics } from "@slash28/ports";
import type { Handler } from "./ask.ts";
import type { FollowedCluster } from "./cluster/follow-cluster.ts";
import { cacheHandler } from "./plugins/cache.ts";
import { createForwarder } from "./plugins/forward.ts";
import { kubernetesHandler } from "./plugins/kubernetes.ts";
import { createLoopWatch } from "./plugins/loop.ts";

export interface BlockParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Present when any block has the `kubernetes` plugin. */
  readonly cluster: FollowedCluster | undefined;
  readonly ownAddresses: () => readonly string[];
  /** Asks the whole server, not this block alone. */
  readonly lookUp: Handler;
  readonly readFile: (path: string) => string;
  readonly onLoop: (detail: string) => void;
}

/** A server block at work. */
export interface RunningBlock {
  readonly settings: BlockSettings;
  /** `dns://:53`, as metrics name the server. */
  readonly server: string;
  readonly handle: Handler;
  /** Once the block's port is open. */
  started(): void;
  stop(): void;
}

/** The plugins of a block, one behind the other in CoreDNS's order: what is first here is asked first. */
export function runBlock(settings: BlockSettings, parts: BlockParts): RunningBlock {
  const server = `dns://:${settings.port}`;
  const stopped = new AbortController();
  const log = (plugin: string): Log => parts.log.child({ plugin: `plugin/${plugin}` });
  const loop = settings.watchesLoops
    ? createLoopWatch({ ...parts, zone: settings.zones[0] ?? "", port: settings.port, log: log("loop") })
    : undefined;
  const ends: (() => void)[] = [() => stopped.abort()];

  let handle: Handler = () => Promise.resolve(bareReply("REFUSED"));
  for (const forward of settings.forwards.toReversed()) {
    const forwarder = createForwarder(forward, serversOf(forward.to, parts.readFile), { ...parts, log: log("forward") }, handle);
    ends.push(() => forwarder.stop());
    handle = forwarder.handle;
  }
  if (loop !== undefined) handle = loop.handler(handle);
  if (settings.kubernetes !== undefined && parts.cluster !== undefined) {
    if (settings.kubernetes.pods === "verified") parts.cluster.followPods();
    handle = kubernetesHandler(settings.kubernetes, { ...parts, cluster: parts.cluster }, handle);
  }
  if (settings.hosts !== undefined) handle = hostsHandler(settings.hosts, parts.readFile, handle);
  if (settings.rewrites.length > 0) handle = rewriteHandler(settings.rewrites, handle);
  if (settings.cache !== undefined) handle = cacheHandler(settings.cache, { ...parts, server }, handle);
  if (settings.balancesLoad) handle = balanceHandler(parts.random, handle);
  if (settings.logsQueries) handle = logHandler(parts.log, handle);
  return {
    settings,
    server,
    handle,
    started: () => void loop?.run(stopped.signal),
    stop: () => ends.forEach((end) => end()),
  };
}

function serversOf(targets: BlockSettings["forwards"][number]["to"], readFile: (path: string) => string): readonly DnsServerAddress[] {
  return targets.flatMap((target) =>
    target.kind === "server" ? [target] : nameserversOf(readFile(target.path)).map((address) => ({ address, port: 53 })),
  );
}

function hostsHandler(settings: HostsSettings, readFile: (path: string) => string, next: Handler): Handler {
  const entries = [...settings.entries, ...(settings.file === undefined ? [] : parseHosts(readFile(settings.file)))];
  return (ask) => {
    const reply = answerHosts(settings, entries, ask.question);
    if (reply !== undefined) return Promise.resolve(reply);
    // Without an SOA record there is no denial; CoreDNS says SERVFAIL too.
    return hostsPassOn(settings, ask.question.name) ? next(ask) : Promise.resolve(bareReply("SERVFAIL"));
  };
}

function rewriteHandler(rules: readonly RewriteRule[], next: Handler): Handler {
  return async (ask) => {
    const { name, type } = ask.question;
    const looked = rewriteName(rules, name);
    return namedBack(await next({ ...ask, question: { name: looked, type } }), looked, name);
  };
}

function balanceHandler(random: () => number, next: Handler): Handler {
  return async (ask) => {
    const reply = await next(ask);
    return reply.answers.length < 2 ? reply : { ...reply, answers: shuffled(reply.answers, random) };
  };
}

function logHandler(log: Log, next: Handler): Handler {
  return async (ask) => {
    const reply = await next(ask);
    const { name, type } = ask.question;
    log.info(`"${type} IN ${name}. ${ask.transport}" ${reply.rcode} ${reply.answers.length}`);
    return reply;
  };
}
