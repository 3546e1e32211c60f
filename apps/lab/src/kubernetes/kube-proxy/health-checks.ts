import type { ServiceView } from "./service-rules.ts";

/** What a load balancer asks a node of one service: whether it has endpoints here. */
export interface ServiceHealth {
  readonly namespace: string;
  readonly name: string;
  /** `healthCheckNodePort` */
  readonly port: number;
  /** Ready endpoints on this node. */
  readonly localEndpoints: number;
}

/** The health checks of services of type LoadBalancer whose traffic stays on the node it came to. */
export function healthChecks({ services, slices, nodeName }: ServiceView): readonly ServiceHealth[] {
  return services.flatMap(({ metadata, spec }) => {
    const port = spec["healthCheckNodePort"];
    if (spec.type !== "LoadBalancer" || spec["externalTrafficPolicy"] !== "Local" || typeof port !== "number" || port === 0) return [];
    const namespace = metadata.namespace ?? "";
    const own = slices.filter(
      (slice) => slice.metadata.namespace === namespace && slice.metadata.labels?.["kubernetes.io/service-name"] === metadata.name,
    );
    const local = own
      .flatMap((slice) => slice.endpoints ?? [])
      .filter((endpoint) => endpoint.nodeName === nodeName && endpoint.conditions?.ready !== false);
    return [{ namespace, name: metadata.name, port, localEndpoints: new Set(local.flatMap(({ addresses }) => addresses)).size }];
  });
}

export interface HealthAnswer {
  readonly status: number;
  readonly body: object;
}

/** Upstream's answer to a load balancer. */
export function serviceHealthAnswer({ namespace, name, localEndpoints }: ServiceHealth): HealthAnswer {
  return {
    status: localEndpoints > 0 ? 200 : 503,
    body: { service: { namespace, name }, localEndpoints, serviceProxyHealthy: true },
  };
}

/** How long rules may wait to be written before the node is not well: twice upstream's longest pause between writes. */
const STALE_MS = 60_000;

/** Upstream's answer at port 10256: whether a load balancer may send traffic to this node at all. */
export function nodeHealthAnswer(
  { writtenAtMs, waitingSinceMs }: { readonly writtenAtMs: number | undefined; readonly waitingSinceMs: number | undefined },
  nowMs: number,
): HealthAnswer {
  const isWell = writtenAtMs !== undefined && (waitingSinceMs === undefined || nowMs - waitingSinceMs < STALE_MS);
  return {
    status: isWell ? 200 : 503,
    body: { lastUpdated: new Date(writtenAtMs ?? 0).toISOString(), currentTime: new Date(nowMs).toISOString(), nodeEligible: true },
  };
}
