import { ownerReferenceTo, shortHash } from "../objects/index.ts";
import type { Endpoint, EndpointAddress, Endpoints, EndpointSlice, EndpointSubset } from "../objects/index.ts";

export const MIRRORED_BY = "endpointslicemirroring-controller.k8s.io";
const SKIP_LABEL = "endpointslice.kubernetes.io/skip-mirror";
/** Leader election once wrote its leases into Endpoints. */
const LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader";
/** As upstream: more of a subset is left out. */
const ADDRESSES_MAX = 1_000;

/** Whether somebody's own Endpoints are shown as slices: those of controllers have slices already. */
export function isMirrored({ metadata }: Endpoints): boolean {
  const isManaged = metadata.labels?.["endpoints.kubernetes.io/managed-by"] !== undefined;
  return !isManaged && metadata.labels?.[SKIP_LABEL] !== "true" && metadata.annotations?.[LEADER_ANNOTATION] === undefined;
}

/** The slices that show hand-written Endpoints: kube-proxy and cluster DNS read nothing else. */
export function mirroredSlices(endpoints: Endpoints): readonly EndpointSlice[] {
  return (endpoints.subsets ?? []).flatMap((subset, index) =>
    (["IPv4", "IPv6"] as const).flatMap((addressType) => {
      const found = endpointsOf(subset, addressType === "IPv6");
      return found.length === 0 ? [] : [sliceOf(endpoints, { index, addressType, subset, endpoints: found })];
    }),
  );
}

interface SubsetPart {
  readonly index: number;
  readonly addressType: "IPv4" | "IPv6";
  readonly subset: EndpointSubset;
  readonly endpoints: readonly Endpoint[];
}

function sliceOf(owner: Endpoints, { index, addressType, subset, endpoints }: SubsetPart): EndpointSlice {
  const { name, namespace = "default", labels, uid } = owner.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-${shortHash([uid, index, addressType]).slice(0, 5)}`,
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": MIRRORED_BY },
      ownerReferences: [ownerReferenceTo(owner)],
    },
    addressType,
    ports: (subset.ports ?? []).map((port) => ({ ...port, name: port.name ?? "", protocol: port.protocol ?? "TCP" })),
    endpoints,
  };
}

function endpointsOf(subset: EndpointSubset, isIpv6: boolean): readonly Endpoint[] {
  const of = (addresses: readonly EndpointAddress[] | undefined, ready: boolean): readonly Endpoint[] =>
    (addresses ?? [])
      .filter(({ ip }) => ip.includes(":") === isIpv6)
      .map(({ ip, hostname, nodeName, targetRef }) => ({
        addresses: [ip],
        conditions: { ready },
        ...(hostname === undefined ? {} : { hostname }),
        ...(nodeName === undefined ? {} : { nodeName }),
        ...(targetRef === undefined ? {} : { targetRef }),
      }));
  return [...of(subset.addresses, true), ...of(subset.notReadyAddresses, false)].slice(0, ADDRESSES_MAX);
}
