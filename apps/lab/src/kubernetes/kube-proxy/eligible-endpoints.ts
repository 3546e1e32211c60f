import type { Endpoint } from "../controllers/objects/index.ts";
import type { Candidate, ServiceNode } from "./service-rules.ts";

export interface EligibleEndpoints {
  readonly cluster: readonly Candidate[];
  readonly local: readonly Candidate[];
}

/**
 * Which endpoints get connections: the ready ones; while there are none, those that are ending and still serve, so that a rollout
 * loses no connection (KEP-1669). Of the cluster's, those that the hints mean for this node or its zone (KEP-2433, KEP-3015).
 */
export function eligibleEndpoints(candidates: readonly Candidate[], { nodeName, zone }: ServiceNode): EligibleEndpoints {
  const isLocal = ({ endpoint }: Candidate): boolean => endpoint.nodeName === nodeName;
  const ready = candidates.filter(({ endpoint }) => endpoint.conditions?.ready !== false);
  const cluster = ready.length > 0 ? hinted(ready, nodeName, zone) : candidates.filter(isServingToTheEnd);
  const localReady = ready.filter(isLocal);
  const local = localReady.length > 0 ? localReady : candidates.filter((one) => isLocal(one) && isServingToTheEnd(one));
  return { cluster, local };
}

function isServingToTheEnd({ endpoint }: Candidate): boolean {
  return endpoint.conditions?.serving === true && endpoint.conditions.terminating === true;
}

/** Hints count only when every endpoint has them and one of them is meant for here: half of them would overload those. */
function hinted(ready: readonly Candidate[], nodeName: string, zone: string | undefined): readonly Candidate[] {
  const byNode = narrowed(ready, (hints) => hints.forNodes, nodeName);
  if (byNode !== undefined) return byNode;
  return (zone === undefined ? undefined : narrowed(ready, (hints) => hints.forZones, zone)) ?? ready;
}

type Hints = NonNullable<Endpoint["hints"]>;

function narrowed(
  ready: readonly Candidate[],
  read: (hints: Hints) => readonly { readonly name: string }[] | undefined,
  place: string,
): readonly Candidate[] | undefined {
  const placesOf = ({ endpoint }: Candidate): readonly { readonly name: string }[] =>
    endpoint.hints === undefined ? [] : (read(endpoint.hints) ?? []);
  if (ready.some((one) => placesOf(one).length === 0)) return undefined;
  const own = ready.filter((one) => placesOf(one).some(({ name }) => name === place));
  return own.length === 0 ? undefined : own;
}
