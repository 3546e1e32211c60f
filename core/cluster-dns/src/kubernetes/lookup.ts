import type { DnsName, DnsQuestion, DnsRecord } from "../message.ts";
import { addressType } from "../names.ts";

/** The `kubernetes` plugin of a server block. */
export interface KubernetesSettings {
  /** `cluster.local` and the reverse zones it answers for. */
  readonly zones: readonly DnsName[];
  readonly pods: "disabled" | "insecure" | "verified";
  /** Names that do not exist go to the next plugin: all, those of some zones, or (absent) none. */
  readonly fallthrough?: readonly DnsName[];
  /** Seconds. */
  readonly ttl: number;
  /** Endpoints without a hostname are called by their pod's name instead of their address. */
  readonly usesPodNames: boolean;
  /** Only these namespaces are seen; absent: all. */
  readonly namespaces?: readonly string[];
  /** A service with a cluster IP and no ready endpoint does not exist. */
  readonly ignoresEmptyServices: boolean;
}

/** What a lookup found: records, a name without records of that type, or no such name. */
export type Found =
  | { readonly kind: "records"; readonly answers: readonly DnsRecord[]; readonly additional?: readonly DnsRecord[] }
  | { readonly kind: "alias"; readonly alias: DnsRecord; readonly target: DnsName }
  | { readonly kind: "no-data" }
  | { readonly kind: "no-name" };

export function isSeen({ namespaces }: KubernetesSettings, namespace: string): boolean {
  return namespaces === undefined || namespaces.includes(namespace);
}

export function addressRecord(name: DnsName, ttl: number, address: string): DnsRecord[] {
  const type = addressType(address);
  return type === undefined ? [] : [{ type, name, ttl, address }];
}

/** Those records that were asked for; a name that has others exists. */
export function ofType(question: DnsQuestion, records: readonly DnsRecord[]): Found {
  const answers = records.filter((record) => record.type === question.type);
  return answers.length > 0 ? { kind: "records", answers } : { kind: "no-data" };
}
