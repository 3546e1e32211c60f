import { cidr4Size, formatIpv4, offsetIpv4, parseIpv4, type Ipv4 } from "@slash28/address";
import type { ClusterRecord } from "@slash28/eks";
import { INTERNET } from "../../fabric/index.ts";
import type { KeptDocument } from "../../state/index.ts";

/** Where one cluster's API is found. */
export interface KeptPlace {
  /** Its public address, for the nodes. */
  readonly address: string;
  /** Its port on this machine, for the operator; absent until it has run once. */
  readonly port?: number;
}

/** By the last part of clusters' issuers: a later cluster of the same name is another one. */
export type KeptPlaces = Readonly<Record<string, KeptPlace>>;

/** Where clusters besides the lab's own have their endpoints, which stay the same as long as the cluster exists. */
export interface ClusterPlaces {
  /** The cluster's address; the lowest free one, when it has none yet. Throws when all are taken. */
  addressOf(cluster: Pick<ClusterRecord, "issuerId" | "name">): Ipv4;
  /** Its port the last time; 0, which is any, for one that never ran. */
  portOf(cluster: Pick<ClusterRecord, "issuerId">): number;
  keepPort(cluster: Pick<ClusterRecord, "issuerId" | "name">, port: number): void;
  release(cluster: Pick<ClusterRecord, "issuerId">): void;
}

export function createClusterPlaces(kept: KeptDocument<KeptPlaces>): ClusterPlaces {
  let places: KeptPlaces = kept.saved ?? {};
  const become = (next: KeptPlaces): void => {
    places = next;
    kept.keep(next);
  };
  const addressOf: ClusterPlaces["addressOf"] = ({ issuerId, name }) => {
    const known = parseIpv4(places[issuerId]?.address ?? "");
    if (known !== undefined) return known;
    const free = lowestFree(new Set(Object.values(places).map(({ address }) => address)));
    if (free === undefined) throw new Error(`${name} gets no endpoint: all ${cidr4Size(INTERNET.clusters)} addresses are taken`);
    become({ ...places, [issuerId]: { address: formatIpv4(free) } });
    return free;
  };
  return {
    addressOf,
    portOf: ({ issuerId }) => places[issuerId]?.port ?? 0,
    keepPort(cluster, port) {
      become({ ...places, [cluster.issuerId]: { address: formatIpv4(addressOf(cluster)), port } });
    },
    release({ issuerId }) {
      become(Object.fromEntries(Object.entries(places).filter(([id]) => id !== issuerId)));
    },
  };
}

function lowestFree(taken: ReadonlySet<string>): Ipv4 | undefined {
  for (let step = 0; step < cidr4Size(INTERNET.clusters); step++) {
    const address = offsetIpv4(INTERNET.clusters.base, step);
    if (!taken.has(formatIpv4(address))) return address;
  }
  return undefined;
}
