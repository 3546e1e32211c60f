import { addressType } from "../names.ts";
import type { DnsName } from "../message.ts";
import { count, durationMs, unknownOption, zoneName } from "./arguments.ts";
import { problem, type Checked, type Directive } from "./parse-corefile.ts";

/** The `forward` plugin: names of a zone go to other servers. */
export interface ForwardSettings {
  readonly from: DnsName;
  /** Names below `from` that are not passed on. */
  readonly except: readonly DnsName[];
  /** Addresses with ports, and paths of files like /etc/resolv.conf that name some. */
  readonly to: readonly ForwardTarget[];
  readonly policy: "random" | "round_robin" | "sequential";
  /** `follow`: as the client asked. */
  readonly transport: "follow" | "force-tcp" | "prefer-udp";
  /** How many failures in a row make a server be passed over; 0: never. */
  readonly maxFails: number;
  readonly healthCheckMs: number;
  /** How long an idle TCP connection is kept. */
  readonly expireMs: number;
  /** Questions in flight above which new ones are refused; absent: no bound. */
  readonly maxConcurrent?: number;
}

export type ForwardTarget =
  | { readonly kind: "server"; readonly address: string; readonly port: number }
  | { readonly kind: "resolver-file"; readonly path: string };

const OPTIONS = ["except", "policy", "force_tcp", "prefer_udp", "max_fails", "health_check", "expire", "max_concurrent"];
/** As CoreDNS allows. */
const UPSTREAMS_MAX = 15;
const DNS_PORT = 53;

/** https://coredns.io/plugins/forward/ */
export function readForward(directive: Directive): Checked<ForwardSettings> {
  const [from, ...servers] = directive.args;
  if (from === undefined || servers.length === 0)
    return problem(directive.line, "forward: write a zone and at least one server, such as forward . 10.0.0.2");
  if (servers.length > UPSTREAMS_MAX) return problem(directive.line, `forward: at most ${UPSTREAMS_MAX} servers`);
  const to: ForwardTarget[] = [];
  for (const text of servers) {
    const target = readTarget(text);
    if (target === undefined) return problem(directive.line, `forward: ${text} is neither an address nor a file; only plain DNS is spoken`);
    to.push(target);
  }
  let settings: ForwardSettings = {
    from: zoneName(from),
    except: [],
    to,
    policy: "random",
    transport: "follow",
    maxFails: 2,
    healthCheckMs: 500,
    expireMs: 10_000,
  };
  for (const option of directive.block) {
    const read = readOption(option);
    if (!read.ok) return read;
    settings = { ...settings, ...read.value };
  }
  return { ok: true, value: settings };
}

function readTarget(text: string): ForwardTarget | undefined {
  if (text.startsWith("/")) return { kind: "resolver-file", path: text };
  const plain = text.replace(/^dns:\/\//, "");
  if (addressType(plain) !== undefined) return { kind: "server", address: plain, port: DNS_PORT };
  const [, address = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(plain) ?? [];
  return port !== undefined && Number(port) <= 65_535 && addressType(address) !== undefined
    ? { kind: "server", address, port: Number(port) }
    : undefined;
}

function readOption(option: Directive): Checked<Partial<ForwardSettings>> {
  const { name, args, line } = option;
  const [first = ""] = args;
  switch (name) {
    case "except":
      return { ok: true, value: { except: args.map(zoneName) } };
    case "policy":
      return first === "random" || first === "round_robin" || first === "sequential"
        ? { ok: true, value: { policy: first } }
        : problem(line, `forward: policy must be random, round_robin or sequential, not ${first}`);
    case "force_tcp":
      return { ok: true, value: { transport: "force-tcp" } };
    case "prefer_udp":
      return { ok: true, value: { transport: "prefer-udp" } };
    case "max_fails":
      return number(option, "maxFails", count(first));
    case "max_concurrent":
      return number(option, "maxConcurrent", count(first));
    case "health_check":
      return number(option, "healthCheckMs", durationMs(first));
    case "expire":
      return number(option, "expireMs", durationMs(first));
    default:
      return unknownOption("forward", option, OPTIONS);
  }
}

function number(option: Directive, field: keyof ForwardSettings, value: number | undefined): Checked<Partial<ForwardSettings>> {
  return value === undefined
    ? problem(option.line, `forward: ${option.name} ${option.args.join(" ")} has no number that can be read`)
    : { ok: true, value: { [field]: value } };
}

/** The servers that a resolver file names. */
export function nameserversOf(resolverFile: string): readonly string[] {
  return [...resolverFile.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(([, address]) =>
    address !== undefined && addressType(address) !== undefined ? [address] : [],
  );
}
