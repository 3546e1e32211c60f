import { parseHosts, type HostsSettings } from "../hosts.ts";
import type { DnsName } from "../message.ts";
import { count, zonesOf } from "./arguments.ts";
import { problem, type Checked, type Directive } from "./parse-corefile.ts";

const DEFAULT_TTL = 3_600;

/** https://coredns.io/plugins/hosts/ : `hosts [FILE] [ZONES…] { ADDRESS NAME…; ttl N; no_reverse; reload D; fallthrough [ZONES…] }` */
export function readHosts(directive: Directive, blockZones: readonly DnsName[]): Checked<HostsSettings> {
  const [first, ...rest] = directive.args;
  const isFile = first !== undefined && first.startsWith("/");
  const zones = zonesOf(isFile ? rest : directive.args, blockZones);
  const lines: string[] = [];
  let ttl = DEFAULT_TTL;
  let hasReverse = true;
  let fallthrough: readonly DnsName[] | undefined;
  for (const option of directive.block) {
    if (option.name === "fallthrough") fallthrough = zonesOf(option.args, []);
    else if (option.name === "no_reverse") hasReverse = false;
    else if (option.name === "ttl") {
      const given = count(option.args[0]);
      if (given === undefined || given === 0) return problem(option.line, "hosts: ttl takes a number of seconds above 0");
      ttl = given;
    } else if (option.name !== "reload") {
      const line = [option.name, ...option.args].join(" ");
      if (parseHosts(line).length === 0) return problem(option.line, `hosts: "${line}" is not an address and its names`);
      lines.push(line);
    }
  }
  const settings = { zones, ttl, hasReverse, entries: parseHosts(lines.join("\n")) };
  return {
    ok: true,
    value: { ...settings, ...(isFile ? { file: first } : {}), ...(fallthrough === undefined ? {} : { fallthrough }) },
  };
}
