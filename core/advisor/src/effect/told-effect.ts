import { cidr4Size } from "@slash28/address";
import type { FleetInput } from "@slash28/fleet";
import { AGENT_PACE } from "@slash28/ipam";
import { RESERVED_BY_AWS } from "@slash28/vpc";
import type { SecondsInterval, SimulatedEffect, StatedEffect, UnknownEffect } from "../effect.ts";
import type { Finding } from "../finding.ts";
import { counted } from "../findings/check.ts";
import { movedText, replacementText, spanText } from "./effect-text.ts";
import type { PlannedEffect } from "./planned-effect.ts";
import type { FixRun } from "./run-fix.ts";

/** kubelet tries a sandbox again this long after a try that failed (its back-off of 10 s, and half of that by chance). */
const SANDBOX_RETRY_S = 15;

/** An agent notices a change, or tries again, at its next look, and commands take seconds, too. */
const NOTICE_S = (AGENT_PACE.idleMs + AGENT_PACE.retryMs) / 1_000;

export type Simulated = Extract<PlannedEffect, { kind: "simulate" }>;

/** A fleet that was run with a fix at every pace. */
export interface Ran {
  readonly input: FleetInput;
  readonly slow: readonly FixRun[];
  readonly quick: readonly FixRun[];
}

/** What the runs at all paces come to. */
export function simulatedEffect(
  { fix }: Finding,
  { input, slow, quick }: Ran,
  { changes, stalledMs = 0 }: Simulated,
): SimulatedEffect | UnknownEffect {
  const [first] = slow;
  if (first === undefined) throw new Error("a fix was run at no slow pace");
  const all = [...slow, ...quick];
  const subnets = input.subnets.map(({ id, name }, at) => ({
    id: id ?? name,
    freeBefore: first.freeBefore[at] ?? 0,
    freeAfter: first.freeAfter[at] ?? 0,
  }));
  const podsStarted = Math.max(0, first.waitingBefore - first.waitingAfter);
  const { needsNodeReplacement } = fix;
  const interval = (of: (run: FixRun) => number, lagSeconds: number): SecondsInterval => ({
    least: Math.floor(Math.min(...all.map(of))),
    most: Math.max(1, Math.ceil(Math.max(...all.map(of)) + NOTICE_S + lagSeconds)),
  });
  const isMoved = subnets.some(({ freeBefore, freeAfter }) => freeBefore !== freeAfter);
  const lagSeconds = stalledMs / 1_000;
  const effect = {
    subnets,
    addedAddresses: changes.reduce(
      (sum, change) => sum + (change.kind === "add-subnet" ? cidr4Size(change.subnet.cidr) - RESERVED_BY_AWS : 0),
      0,
    ),
    isExact: all.every((run) => String(run.freeAfter) === String(first.freeAfter)) && !movesPods(input, changes),
    ...(isMoved ? { withinSeconds: interval(({ movedAt }) => movedAt, lagSeconds) } : {}),
    podsStarted,
    ...(podsStarted > 0 ? { podsStartWithinSeconds: interval(({ startedAt }) => startedAt, lagSeconds + SANDBOX_RETRY_S) } : {}),
    podsDelayed: Math.max(...all.map((run) => run.podsDelayed)),
    needsNodeReplacement,
  };
  return { basis: "simulated", text: simulatedText(effect), ...effect };
}

/** Whether pods leave nodes that are replaced. */
function movesPods({ initial }: FleetInput, changes: Simulated["changes"]): boolean {
  const groups = new Set(changes.flatMap((change) => (change.kind === "replace-nodes" ? [change.group] : [])));
  return (
    initial?.nodes.some(({ group, pods, daemonPods, waitingPods }) => groups.has(group) && pods.length - daemonPods + waitingPods > 0) ===
    true
  );
}

function simulatedText(effect: Omit<SimulatedEffect, "basis" | "text">): string {
  const { podsStarted, podsStartWithinSeconds, podsDelayed, needsNodeReplacement } = effect;
  return [
    movedText(effect),
    ...(podsStartWithinSeconds === undefined
      ? []
      : [`${counted(podsStarted, "waiting pod starts", "waiting pods start")} within ${spanText(podsStartWithinSeconds)}`]),
    `${counted(podsDelayed, "pod")} delayed`,
    replacementText(needsNodeReplacement),
  ].join("; ");
}

/** What is known, or not, without a simulation. */
export function statedEffect(finding: Finding, planned: Exclude<PlannedEffect, Simulated>): StatedEffect | UnknownEffect {
  switch (planned.kind) {
    case "nothing-moves": {
      const { needsNodeReplacement } = finding.fix;
      const { podsToRestart = 0 } = planned;
      const restarts = podsToRestart === 0 ? [] : [`${counted(podsToRestart, "pod has", "pods have")} to be made again`];
      const text = ["no addresses move", "0 pods delayed", ...restarts, replacementText(needsNodeReplacement)].join("; ");
      return { basis: "stated", text, subnets: [], podsStarted: 0, podsDelayed: 0, needsNodeReplacement };
    }
    case "unknown":
      return unknown(finding, planned.why);
    default:
      return planned satisfies never;
  }
}

export function unknown({ fix: { needsNodeReplacement } }: Finding, why: string): UnknownEffect {
  const text = `not simulated: ${why}; ${replacementText(needsNodeReplacement)}`;
  return { basis: "unknown", text, subnets: null, podsStarted: null, podsDelayed: null, needsNodeReplacement, why };
}
