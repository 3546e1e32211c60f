import type { DnsQuestion, DnsReply } from "@slash28/cluster-dns";

/** One question on its way through a server block. */
export interface Ask {
  readonly question: DnsQuestion;
  readonly transport: "udp" | "tcp";
  readonly wantsDnssec: boolean;
  readonly checkingDisabled: boolean;
  /** How many aliases led here. */
  readonly depth: number;
}

/** A plugin, or everything behind one. */
export type Handler = (ask: Ask) => Promise<DnsReply>;
