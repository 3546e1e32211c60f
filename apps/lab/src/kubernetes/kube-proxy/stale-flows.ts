import type { ServiceRoute } from "./service-rules.ts";

/** Connections that the kernel still remembers and that lead nowhere any more. */
export interface StaleFlows {
  readonly protocol: "udp";
  /** Where the client sent to; absent: any address of the node. */
  readonly address?: string;
  readonly port: number;
  /** The endpoint they went to; absent: wherever they went. */
  readonly backend?: string;
}

/**
 * UDP has no end: as long as a client goes on sending, the kernel sends it where the first packet went. After a change those flows are
 * to be forgotten whose endpoint is gone, and those that began before there was any endpoint.
 */
export function staleFlows(before: readonly ServiceRoute[], after: readonly ServiceRoute[]): readonly StaleFlows[] {
  const now = new Map(after.map((route) => [`${route.key} ${route.family}`, route]));
  const was = new Map(before.map((route) => [`${route.key} ${route.family}`, route]));
  const left = before.flatMap((route) => {
    if (route.protocol !== "udp") return [];
    const alive = new Set(now.get(`${route.key} ${route.family}`)?.backends.map(({ address }) => address));
    const gone = route.backends.filter(({ address }) => !alive.has(address));
    return gone.flatMap(({ address }) => placesOf(route).map((place) => ({ ...place, backend: address })));
  });
  const born = after.flatMap((route) => {
    const earlier = was.get(`${route.key} ${route.family}`);
    const isNew = route.protocol === "udp" && route.backends.length > 0 && (earlier === undefined || earlier.backends.length === 0);
    return isNew ? placesOf(route) : [];
  });
  return [...left, ...born];
}

function placesOf({ clusterAddress, externalAddresses, port, nodePort }: ServiceRoute): readonly StaleFlows[] {
  return [
    ...[clusterAddress, ...externalAddresses].map((address) => ({ protocol: "udp", address, port }) as const),
    ...(nodePort === undefined ? [] : [{ protocol: "udp", port: nodePort } as const]),
  ];
}
