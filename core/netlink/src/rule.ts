import type { Cidr4 } from "@slash28/address";
import { AF_INET } from "./address.ts";
import { AttributeReader } from "./attribute-reader.ts";
import { defined } from "./defined.ts";
import { PayloadWriter } from "./payload-writer.ts";

/** What a rule does with a packet it fits; other values pass through as numbers. */
export const RULE_ACTION = { unspecified: 0, table: 1 } as const;

/** The body of RTM_NEWRULE and RTM_DELRULE for IPv4. To delete, absent fields and table 0 fit anything. */
export interface RuleMessage {
  readonly action: number;
  readonly table: number;
  readonly priority?: number;
  readonly from?: Cidr4;
  readonly to?: Cidr4;
  readonly mark?: { readonly value: number; readonly mask: number };
  readonly inputLink?: string;
  readonly outputLink?: string;
  /** IP protocol number, `ip rule … ipproto`. */
  readonly ipProtocol?: number;
}

const HEADER = 12;
const FRA = {
  to: 1,
  from: 2,
  inputLink: 3,
  priority: 6,
  markValue: 10,
  table: 15,
  markMask: 16,
  outputLink: 17,
  ipProtocol: 22,
} as const;
const FULL_MASK = 0xffffffff;

/** The message's payload: `struct fib_rule_hdr` and attributes. */
export function encodeRule(rule: RuleMessage): Uint8Array {
  const to = new PayloadWriter();
  const header = to.structure(HEADER);
  to.setU8(header, AF_INET);
  to.setU8(header + 1, rule.to?.length ?? 0);
  to.setU8(header + 2, rule.from?.length ?? 0);
  to.setU8(header + 4, rule.table < 256 ? rule.table : 0);
  to.setU8(header + 7, rule.action);
  if (rule.table !== 0) to.u32(FRA.table, rule.table);
  if (rule.priority !== undefined) to.u32(FRA.priority, rule.priority);
  if (rule.to !== undefined) to.bigEndianU32(FRA.to, rule.to.base);
  if (rule.from !== undefined) to.bigEndianU32(FRA.from, rule.from.base);
  if (rule.mark !== undefined) {
    to.u32(FRA.markValue, rule.mark.value);
    to.u32(FRA.markMask, rule.mark.mask);
  }
  if (rule.inputLink !== undefined) to.text(FRA.inputLink, rule.inputLink);
  if (rule.outputLink !== undefined) to.text(FRA.outputLink, rule.outputLink);
  if (rule.ipProtocol !== undefined) to.bytes(FRA.ipProtocol, Uint8Array.of(rule.ipProtocol));
  return to.finish();
}

/** Reads a payload of {@link encodeRule} or of the kernel; `undefined` when it is of another family. */
export function decodeRule(payload: Uint8Array): RuleMessage | undefined {
  if (payload[0] !== AF_INET) return undefined;
  const attributes = new AttributeReader(payload, HEADER);
  const range = (type: number, length: number): Cidr4 | undefined => {
    const base = attributes.ipv4(type);
    return base === undefined ? undefined : { base, length };
  };
  const markMask = attributes.u32(FRA.markMask);
  const markValue = attributes.u32(FRA.markValue);
  return defined<RuleMessage>({
    action: payload[7] ?? RULE_ACTION.unspecified,
    table: attributes.u32(FRA.table) ?? payload[4] ?? 0,
    priority: attributes.u32(FRA.priority),
    from: range(FRA.from, payload[2] ?? 0),
    to: range(FRA.to, payload[1] ?? 0),
    mark: markMask === undefined && markValue === undefined ? undefined : { value: markValue ?? 0, mask: markMask ?? FULL_MASK },
    inputLink: attributes.text(FRA.inputLink),
    outputLink: attributes.text(FRA.outputLink),
    ipProtocol: attributes.bytes(FRA.ipProtocol)?.[0],
  });
}
