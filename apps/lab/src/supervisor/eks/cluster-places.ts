import {
  addressAt,
  cidrRangeSize,
  formatAddress,
  offsetInRange,
  parseAddress,
  type CidrRange,
  type Ipv4,
  type Ipv6,
} from "@slash28/address";
import type { ClusterRecord } from "@slash28/eks";
import { INTERNET, INTERNET_IPV6 } from "../../fabric/index.ts";
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

/** An IPv6 cluster has an endpoint of that family. */
type PlacedCluster = Pick<ClusterRecord, "issuerId" | "name"> & { readonly network: Pick<ClusterRecord["network"], "ipFamily"> };

/** Where clusters besides the lab's own have their endpoints, which stay the same as long as the cluster exists. */
export interface ClusterPlaces {
  /** The cluster's address; the lowest free one, when it has none yet. Throws when all are taken. */
  addressOf(cluster: PlacedCluster): Ipv4 | Ipv6;
  /** Its port the last time; 0, which is any, for one that never ran. */
  portOf(cluster: Pick<ClusterRecord, "issuerId">): number;
  keepPort(cluster: PlacedCluster, port: number): void;
  release(cluster: Pick<ClusterRecord, "issuerId">): void;
}

export function createClusterPlaces(kept: KeptDocument<KeptPlaces>): ClusterPlaces {
  let places: KeptPlaces = kept.saved ?? {};
  const become = (next: KeptPlaces): void => {
    places = next;
    kept.keep(next);
  };
  const addressOf: ClusterPlaces["addressOf"] = ({ issuerId, name, network }) => {
    const range = network.ipFamily === "ipv6" ? INTERNET_IPV6.clusters : INTERNET.clusters;
    const known = parseAddress(places[issuerId]?.address ?? "")?.address;
    if (known !== undefined && offsetInRange(range, known) !== undefined) return known;
    const free = lowestFree(range, new Set(Object.values(places).map(({ address }) => address)));
    if (free === undefined) throw new Error(`${name} gets no endpoint: all ${cidrRangeSize(range)} addresses are taken`);
    become({ ...places, [issuerId]: { ...places[issuerId], address: formatAddress(free) } });
    return free;
  };
  return {
    addressOf,
    portOf: ({ issuerId }) => places[issuerId]?.port ?? 0,
    keepPort(cluster, port) {
      become({ ...places, [cluster.issuerId]: { address: formatAddress(addressOf(cluster)), port } });
    },
    release({ issuerId }) {
      become(Object.fromEntries(Object.entries(places).filter(([id]) => id !== issuerId)));
    },
  };
}

function lowestFree(range: CidrRange, taken: ReadonlySet<string>): Ipv4 | Ipv6 | undefined {
  for (let step = 0n; step < cidrRangeSize(range); step++) {
    const address = addressAt(range, step);
    if (!taken.has(formatAddress(address))) return address;
  }
  return undefined;
}
