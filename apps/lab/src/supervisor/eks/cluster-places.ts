import { cidr4Size, formatIpv4, offsetIpv4, parseIpv4, type Ipv4 } from "@slash28/address";
import type { ClusterRecord } from "@slash28/eks";
import { INTERNET } from "../../fabric/index.ts";
import type { KeptDocument } from "../../state/index.ts";

/** Addresses of clusters' endpoints by the last part of their issuers: a later cluster of the same name is another one. */
export type KeptPlaces = Readonly<Record<string, string>>;

/** Where clusters besides the lab's own have their public endpoints: each an address that is its own as long as it exists. */
export interface ClusterPlaces {
  /** The cluster's address; the lowest free one, when it has none yet. Throws when all are taken. */
  addressOf(cluster: Pick<ClusterRecord, "issuerId" | "name">): Ipv4;
  release(cluster: Pick<ClusterRecord, "issuerId">): void;
}

export function createClusterPlaces(kept: KeptDocument<KeptPlaces>): ClusterPlaces {
  let places: KeptPlaces = kept.saved ?? {};
  const become = (next: KeptPlaces): void => {
    places = next;
    kept.keep(next);
  };
  return {
    addressOf({ issuerId, name }) {
      const known = parseIpv4(places[issuerId] ?? "");
      if (known !== undefined) return known;
      const free = lowestFree(new Set(Object.values(places)));
      if (free === undefined) throw new Error(`${name} gets no endpoint: all ${cidr4Size(INTERNET.clusters)} addresses are taken`);
      become({ ...places, [issuerId]: formatIpv4(free) });
      return free;
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
