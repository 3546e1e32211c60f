import { MAY_WAIT_SHARE, situationText, targetsInForce, type DemandForecast, type ExpectedBurst, type TargetsInForce } from "@slash28/ipam";
import { factsOf, type Node } from "../node.ts";
import type { Sandboxes } from "../pods/sandboxes.ts";

/** What the node's pool is kept at now. */
export function warmTargetsOf(node: Node, sandboxes: Sandboxes | undefined, now: number): TargetsInForce {
  const view = node.ledger.view({ waiting: sandboxes?.waiters.count ?? 0, capacity: node.capacity, frozen: node.frozen }, now);
  return targetsInForce(view, node.settings.pool, factsOf(node), now);
}

/** The same for people, with what it comes from. Times as RFC 3339. */
export function warmTargetsText(node: Node, now: number): Readonly<Record<string, unknown>> {
  const { free, held, because } = warmTargetsOf(node, undefined, now);
  const forecast = node.ledger.view({}, now).forecast;
  return {
    policy: node.settings.pool.warmPolicy,
    freeTarget: free,
    heldTarget: held,
    because,
    ...(forecast === undefined ? {} : { forecast: forecastText(forecast) }),
  };
}

function forecastText({
  state,
  situation,
  enough,
  dueBurst,
  nextBurst,
  waits,
  peakUsed,
}: DemandForecast): Readonly<Record<string, unknown>> {
  return {
    state,
    situation: situationText(situation),
    enough: { withinAssignment: enough.assign, withinAttachingAnEni: enough.attach },
    pods: {
      came: rounded(waits.pods),
      waited: rounded(waits.waited),
      mayWaitShare: MAY_WAIT_SHARE,
      forecastLetsWait: rounded(waits.mayWait),
      note: "pods of half a day ago count half",
    },
    mostUsedInADay: peakUsed,
    ...(dueBurst === undefined ? {} : { dueBurst: burstText(dueBurst) }),
    ...(nextBurst === undefined ? {} : { nextBurst: burstText(nextBurst) }),
  };
}

function burstText({ everyMs, from, until, size }: ExpectedBurst): Readonly<Record<string, unknown>> {
  const time = (at: number): string => new Date(at).toISOString();
  return { pods: size, everySeconds: everyMs / 1_000, from: time(from), until: time(until) };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
