import type { DnsName, DnsRecord, DnsReply } from "./message.ts";

/** One `rewrite name` line. */
export interface RewriteRule {
  readonly kind: "exact" | "prefix" | "suffix" | "substring" | "regex";
  readonly from: string;
  readonly to: string;
  /** Later rules see the new name. */
  readonly goesOn: boolean;
}

/** The name that is looked up instead. */
export function rewriteName(rules: readonly RewriteRule[], name: DnsName): DnsName {
  let current = name;
  for (const rule of rules) {
    const next = applyRule(rule, current);
    if (next === undefined) continue;
    current = next;
    if (!rule.goesOn) break;
  }
  return current;
}

function applyRule({ kind, from, to }: RewriteRule, name: DnsName): DnsName | undefined {
  switch (kind) {
    case "exact":
      return name === from ? to : undefined;
    case "prefix":
      return name.startsWith(from) ? to + name.slice(from.length) : undefined;
    case "suffix":
      return name.endsWith(from) ? name.slice(0, name.length - from.length) + to : undefined;
    case "substring":
      return name.includes(from) ? name.replaceAll(from, to) : undefined;
    case "regex": {
      const match = new RegExp(from).exec(name);
      return match === null ? undefined : to.replaceAll(/\{(\d)\}/g, (_, group: string) => match[Number(group)] ?? "");
    }
    default:
      return kind satisfies never;
  }
}

/** Gives the records of the looked-up name the name that was asked for: resolvers drop answers about another name. */
export function namedBack(reply: DnsReply, looked: DnsName, asked: DnsName): DnsReply {
  if (looked === asked) return reply;
  const back = (record: DnsRecord): DnsRecord => (record.name === looked ? { ...record, name: asked } : record);
  return { ...reply, answers: reply.answers.map(back) };
}
