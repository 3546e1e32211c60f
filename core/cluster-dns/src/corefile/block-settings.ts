import type { CacheSettings } from "../cache.ts";
import type { HostsSettings } from "../hosts.ts";
import type { KubernetesSettings } from "../kubernetes/lookup.ts";
import type { DnsName } from "../message.ts";
import type { RewriteRule } from "../rewrite.ts";
import { durationMs, listenAddress, zoneName, type ListenAddress } from "./arguments.ts";
import { readCache } from "./read-cache.ts";
import { readForward, type ForwardSettings } from "./read-forward.ts";
import { readHosts } from "./read-hosts.ts";
import { readKubernetes } from "./read-kubernetes.ts";
import { readRewrite } from "./read-rewrite.ts";
import { parseCorefile, problem, type Checked, type Directive, type ServerBlock } from "./parse-corefile.ts";

/** One server block, understood. */
export interface BlockSettings {
  readonly zones: readonly DnsName[];
  readonly port: number;
  /** Addresses to listen at; none: all. */
  readonly bind: readonly string[];
  readonly logsErrors: boolean;
  readonly logsQueries: boolean;
  readonly balancesLoad: boolean;
  readonly watchesLoops: boolean;
  readonly health?: ListenAddress & { readonly lameduckMs: number };
  readonly ready?: ListenAddress;
  readonly prometheus?: ListenAddress;
  readonly reload?: { readonly intervalMs: number; readonly jitterMs: number };
  readonly cache?: CacheSettings;
  readonly rewrites: readonly RewriteRule[];
  readonly hosts?: HostsSettings;
  readonly kubernetes?: KubernetesSettings;
  readonly forwards: readonly ForwardSettings[];
}

type Draft = { -readonly [K in keyof BlockSettings]: BlockSettings[K] };
type Reading = (directive: Directive, draft: Draft) => Checked<Partial<BlockSettings>>;

const DEFAULT_PORT = 53;

/** What may stand in a server block here, and how it is read. */
const PLUGINS: Readonly<Record<string, Reading>> = {
  bind: ({ args }, draft) => ok({ bind: [...draft.bind, ...args] }),
  bufsize: () => ok({}),
  cache: (directive, draft) => into(readCache(directive, draft.zones), (cache) => ({ cache })),
  errors: () => ok({ logsErrors: true }),
  forward: (directive, draft) => into(readForward(directive), (forward) => ({ forwards: [...draft.forwards, forward] })),
  health: readHealth,
  hosts: (directive, draft) => into(readHosts(directive, draft.zones), (hosts) => ({ hosts })),
  kubernetes: (directive, draft) => into(readKubernetes(directive, draft.zones), (kubernetes) => ({ kubernetes })),
  loadbalance: (directive) =>
    ["round_robin", undefined].includes(directive.args[0])
      ? ok({ balancesLoad: true })
      : problem(directive.line, `loadbalance: the policy ${directive.args[0]} is not supported; round_robin is`),
  log: () => ok({ logsQueries: true }),
  loop: () => ok({ watchesLoops: true }),
  prometheus: (directive) => into(listenAddress(directive, { host: "localhost", port: 9153 }), (prometheus) => ({ prometheus })),
  ready: (directive) => into(listenAddress(directive, { host: "", port: 8181 }), (ready) => ({ ready })),
  reload: readReload,
  rewrite: (directive, draft) => into(readRewrite(directive), (rule) => ({ rewrites: [...draft.rewrites, rule] })),
};

/** Reads a whole Corefile; the first thing wrong with it is told. */
export function readCorefile(text: string, env: Readonly<Record<string, string | undefined>> = {}): Checked<readonly BlockSettings[]> {
  const parsed = parseCorefile(text, env);
  if (!parsed.ok) return parsed;
  const blocks: BlockSettings[] = [];
  for (const block of parsed.value) {
    const read = readBlock(block);
    if (!read.ok) return read;
    blocks.push(read.value);
  }
  return { ok: true, value: blocks };
}

function readBlock(block: ServerBlock): Checked<BlockSettings> {
  const place = readKeys(block);
  if (!place.ok) return place;
  const draft: Draft = {
    ...place.value,
    bind: [],
    logsErrors: false,
    logsQueries: false,
    balancesLoad: false,
    watchesLoops: false,
    rewrites: [],
    forwards: [],
  };
  for (const directive of block.directives) {
    const read = Object.hasOwn(PLUGINS, directive.name) ? PLUGINS[directive.name] : undefined;
    if (read === undefined) {
      return problem(directive.line, `the plugin ${directive.name} is not supported; supported are ${Object.keys(PLUGINS).join(", ")}`);
    }
    const settings = read(directive, draft);
    if (!settings.ok) return settings;
    Object.assign(draft, settings.value);
  }
  return { ok: true, value: draft };
}

/** `.:53`, `cluster.local`, `dns://example.org:1053`: zones of one port. */
function readKeys({ keys, line }: ServerBlock): Checked<{ readonly zones: readonly DnsName[]; readonly port: number }> {
  const zones: DnsName[] = [];
  const ports = new Set<number>();
  for (const key of keys) {
    const [, scheme, rest = key] = /^(\w+):\/\/(.*)$/.exec(key) ?? [];
    if (scheme !== undefined && scheme !== "dns") return problem(line, `${key}: only plain DNS is served; drop ${scheme}://`);
    const [, zone = rest, port] = /^(.*?):(\d+)$/.exec(rest) ?? [];
    if (Number(port ?? DEFAULT_PORT) > 65_535) return problem(line, `${key}: ${port} is not a port`);
    zones.push(zoneName(zone));
    ports.add(Number(port ?? DEFAULT_PORT));
  }
  const [port = DEFAULT_PORT, other] = ports;
  if (other !== undefined) return problem(line, "the zones of one server block must share a port; write a block for each port");
  return { ok: true, value: { zones, port } };
}

function readHealth(directive: Directive): Checked<Partial<BlockSettings>> {
  let lameduckMs = 0;
  for (const option of directive.block) {
    const given = option.name === "lameduck" ? durationMs(option.args[0] ?? "") : undefined;
    if (given === undefined) return problem(option.line, "health: only lameduck with a duration, such as lameduck 5s, is supported");
    lameduckMs = given;
  }
  return into(listenAddress(directive, { host: "", port: 8080 }), (address) => ({ health: { ...address, lameduckMs } }));
}

function readReload(directive: Directive): Checked<Partial<BlockSettings>> {
  const [interval = "30s", jitter] = directive.args;
  const intervalMs = durationMs(interval);
  const jitterMs = jitter === undefined ? (intervalMs ?? 0) / 2 : durationMs(jitter);
  if (intervalMs === undefined || jitterMs === undefined) return problem(directive.line, "reload: write durations, such as reload 30s 15s");
  return ok({ reload: { intervalMs: Math.max(2_000, intervalMs), jitterMs: Math.min(jitterMs, intervalMs / 2) } });
}

function ok(value: Partial<BlockSettings>): Checked<Partial<BlockSettings>> {
  return { ok: true, value };
}

function into<T>(checked: Checked<T>, put: (value: T) => Partial<BlockSettings>): Checked<Partial<BlockSettings>> {
  return checked.ok ? ok(put(checked.value)) : checked;
}
