import type { LogSign, SeenFirewall, SeenLogSign } from "./host-facts.ts";

/** What an agent's log says where it matters: AWS's error codes, and the agent's own words for the rest. */
const SIGNS: readonly { readonly sign: LogSign; readonly pattern: RegExp }[] = [
  { sign: "InsufficientFreeAddressesInSubnet", pattern: /InsufficientFreeAddressesInSubnet|SUBNET_EXHAUSTED|subnet-full/ },
  { sign: "InsufficientCidrBlocks", pattern: /InsufficientCidrBlocks|SUBNET_FRAGMENTED|subnet-fragmented/ },
  { sign: "NetworkInterfaceLimitExceeded", pattern: /NetworkInterfaceLimitExceeded|AttachmentLimitExceeded/ },
  { sign: "UnauthorizedOperation", pattern: /UnauthorizedOperation|AccessDenied|is not authorized to perform/ },
  { sign: "RequestLimitExceeded", pattern: /RequestLimitExceeded/ },
  {
    sign: "metadata-unreachable",
    pattern: /(?:IMDS|ec2metadata|169\.254\.169\.254).*(?:failed|timeout|timed out|refused|unreachable|deadline exceeded)/i,
  },
  { sign: "instance-full", pattern: /instance-full|no available ENI\/IP|No more ENIs can be attached|max ?ENI.*reached/i },
];
const EXAMPLE_MAX = 300;
const LOOKS_LIKE_A_LOG = /"level":|\.log\b/;

/** What a text says: which of the known things, and whether it was one of them at all. */
export interface TextRead {
  readonly firewalls: readonly SeenFirewall[];
  /** Absent: the text is no log of an agent. */
  readonly logSigns?: readonly SeenLogSign[];
}

/** Reads a text that was saved beside the JSON: a node's firewall as `iptables-save`, `iptables -S` or `nft list ruleset` show it, or an agent's log. */
export function readText(source: string, text: string): TextRead {
  const policies = forwardPolicies(text);
  const firewalls =
    policies.length === 0 ? [] : [{ source, forwardPolicy: policies.includes("drop") ? ("drop" as const) : ("accept" as const) }];
  const signs = logSignsOf(source, text);
  return { firewalls, ...(signs.length > 0 || LOOKS_LIKE_A_LOG.test(`${source}\n${text.slice(0, 4096)}`) ? { logSigns: signs } : {}) };
}

/** Every policy of the filter table's forward hook. The mangle table has a chain of the same name, which forwards nothing. */
function forwardPolicies(text: string): readonly ("accept" | "drop")[] {
  const found: string[] = [];
  let table = "filter";
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed.startsWith("*")) table = trimmed.slice(1);
    const chain = /^(?::FORWARD |-P FORWARD |Chain FORWARD \(policy )(ACCEPT|DROP)/.exec(trimmed)?.[1];
    if (chain !== undefined && table === "filter") found.push(chain.toLowerCase());
    const hook = /\bhook forward\b[^;]*;\s*policy (accept|drop)\s*;/.exec(trimmed)?.[1];
    if (hook !== undefined) found.push(hook);
  }
  return found.map((policy) => (policy === "drop" ? "drop" : "accept"));
}

function logSignsOf(source: string, text: string): readonly SeenLogSign[] {
  const seen = new Map<LogSign, { lines: number; example: string }>();
  for (const line of text.split("\n")) {
    const sign = SIGNS.find(({ pattern }) => pattern.test(line))?.sign;
    if (sign === undefined) continue;
    seen.set(sign, { lines: (seen.get(sign)?.lines ?? 0) + 1, example: line.trim().slice(0, EXAMPLE_MAX) });
  }
  return [...seen].map(([sign, { lines, example }]) => ({ source, sign, lines, example }));
}

/** The answer of `nft --json list ruleset`. */
export function readNftables(source: string, ruleset: unknown): readonly SeenFirewall[] {
  if (!Array.isArray(ruleset)) return [];
  const policies = (ruleset as readonly unknown[]).flatMap((entry) => {
    const chain = entry !== null && typeof entry === "object" && "chain" in entry ? entry.chain : undefined;
    if (chain === null || typeof chain !== "object" || !("hook" in chain) || chain.hook !== "forward") return [];
    return "policy" in chain && typeof chain.policy === "string" ? [chain.policy] : [];
  });
  if (policies.length === 0) return [];
  return [{ source, forwardPolicy: policies.includes("drop") ? "drop" : "accept" }];
}
