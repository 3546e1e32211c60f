import { dnsName } from "../names.ts";
import type { DnsName } from "../message.ts";
import { problem, type Checked, type Directive } from "./parse-corefile.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `5s`, `1m30s`, `500ms` in milliseconds; a plain number counts seconds. */
export function durationMs(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ""] ?? 0),
    0,
  );
}

export function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Where to listen for HTTP: `:8080`, `localhost:8181`, `[::1]:9153`. */
export interface ListenAddress {
  /** `""`: every address. */
  readonly host: string;
  readonly port: number;
}

export function listenAddress(directive: Directive, otherwise: ListenAddress): Checked<ListenAddress> {
  const [text] = directive.args;
  if (text === undefined) return { ok: true, value: otherwise };
  const [, host = "", port] = /^(.*):(\d+)$/.exec(text) ?? [];
  const number = Number(port);
  if (port === undefined || number > 65_535)
    return problem(directive.line, `${directive.name}: ${text} is not an address to listen at; write :${otherwise.port}`);
  return { ok: true, value: { host: host.replaceAll(/^\[|\]$/g, ""), port: number } };
}

/** Zones as a plugin's arguments; without any, those of the server block. Classful reverse ranges such as 10.0.0.0/16 are zones too. */
export function zonesOf(args: readonly string[], otherwise: readonly DnsName[]): readonly DnsName[] {
  return args.length === 0 ? otherwise : args.map(zoneName);
}

export function zoneName(text: string): DnsName {
  const [, network, length] = /^(\d+\.\d+\.\d+\.\d+)\/(8|16|24|32)$/.exec(text) ?? [];
  if (network === undefined) return dnsName(text);
  return `${network
    .split(".")
    .slice(0, Number(length) / 8)
    .reverse()
    .join(".")}.in-addr.arpa`;
}

/** The refusal of a line in a plugin's block that is not known here. */
export function unknownOption(plugin: string, option: Directive, known: readonly string[]): ReturnType<typeof problem> {
  return problem(option.line, `${plugin}: the option ${option.name} is not supported; supported are ${known.join(", ")}`);
}
