import { ipv4FromBytes, ipv4ToBytes, type Cidr4 } from "@slash28/address";
import { AF_INET } from "./address.ts";
import { attributesByType, encodeAttributes, type Attribute } from "./attribute.ts";
import { concat, readText, readU32, u32, viewOf, zeroed, zeroTerminated } from "./bytes.ts";
import { defined } from "./defined.ts";

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
  const header = zeroed(HEADER);
  header.bytes.set([AF_INET, rule.to?.length ?? 0, rule.from?.length ?? 0, 0, rule.table < 256 ? rule.table : 0, 0, 0, rule.action]);
  const attributes: Attribute[] = [];
  if (rule.table !== 0) attributes.push({ type: FRA.table, data: u32(rule.table) });
  if (rule.priority !== undefined) attributes.push({ type: FRA.priority, data: u32(rule.priority) });
  if (rule.to !== undefined) attributes.push({ type: FRA.to, data: ipv4ToBytes(rule.to.base) });
  if (rule.from !== undefined) attributes.push({ type: FRA.from, data: ipv4ToBytes(rule.from.base) });
  if (rule.mark !== undefined) {
    attributes.push({ type: FRA.markValue, data: u32(rule.mark.value) }, { type: FRA.markMask, data: u32(rule.mark.mask) });
  }
  if (rule.inputLink !== undefined) attributes.push({ type: FRA.inputLink, data: zeroTerminated(rule.inputLink) });
  if (rule.outputLink !== undefined) attributes.push({ type: FRA.outputLink, data: zeroTerminated(rule.outputLink) });
  if (rule.ipProtocol !== undefined) attributes.push({ type: FRA.ipProtocol, data: Uint8Array.of(rule.ipProtocol) });
  return concat([header.bytes, encodeAttributes(attributes)]);
}

/** Reads a payload of {@link encodeRule} or of the kernel; `undefined` when it is of another family. */
export function decodeRule(payload: Uint8Array): RuleMessage | undefined {
  if (payload[0] !== AF_INET) return undefined;
  const attributes = attributesByType(payload.subarray(HEADER));
  const number = (type: number): number | undefined => {
    const data = attributes.get(type);
    return data === undefined ? undefined : readU32(data);
  };
  const text = (type: number): string | undefined => {
    const data = attributes.get(type);
    return data === undefined ? undefined : readText(data);
  };
  const range = (type: number, length: number): Cidr4 | undefined => {
    const data = attributes.get(type);
    return data === undefined ? undefined : { base: ipv4FromBytes(data), length };
  };
  const markMask = number(FRA.markMask);
  const markValue = number(FRA.markValue);
  return defined<RuleMessage>({
    action: viewOf(payload).getUint8(7),
    table: number(FRA.table) ?? payload[4] ?? 0,
    priority: number(FRA.priority),
    from: range(FRA.from, payload[2] ?? 0),
    to: range(FRA.to, payload[1] ?? 0),
    mark: markMask === undefined && markValue === undefined ? undefined : { value: markValue ?? 0, mask: markMask ?? FULL_MASK },
    inputLink: text(FRA.inputLink),
    outputLink: text(FRA.outputLink),
    ipProtocol: attributes.get(FRA.ipProtocol)?.[0],
  });
}
