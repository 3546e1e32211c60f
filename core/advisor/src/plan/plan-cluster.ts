import { tryMode, type Candidate } from "./candidate.ts";
import { describePlan } from "./describe-plan.ts";
import { refusedByEc2 } from "./judge-by-ec2.ts";
import { MODES, type PlanMode } from "./mode.ts";
import type { Needs } from "./needs.ts";
import type { Alternative, Plan, Planned } from "./plan-types.ts";
import { whyNotPreferred } from "./plan-words.ts";
import { isGood, provePlan, type Proof } from "./prove-plan.ts";

/** IPv6 first where it is possible at all; then what is least to run; an overlay only when the VPC cannot carry the pods. */
const PREFERENCE: readonly PlanMode[] = ["ipv6", "prefix", "secondary", "custom-prefix", "custom", "overlay"];

/** How much the headroom grows when a simulation runs out of something. */
const MORE_HEADROOM = [0, 0.5, 1];

/** A plan by formula, judged by EC2's rules; see {@link planAndProve}. `spare` in place of the needs' headroom. */
export function planCluster(needs: Needs, spare = needs.headroom): Planned {
  const tried = PREFERENCE.map((mode) => ({ mode, result: tryMode(mode, needs, spare) }));
  const rejected = tried.flatMap(({ mode, result }): Alternative[] =>
    result.ok ? [] : [{ mode, title: MODES[mode].title, verdict: "rejected", reason: result.reason }],
  );
  const [chosen, ...others] = tried.flatMap(({ result }): Candidate[] => (result.ok ? [result.candidate] : []));
  if (chosen === undefined) return { ok: false, refusal: { reason: whatIsMissing(rejected), alternatives: rejected } };
  const possible = others.map((other): Alternative => ({
    mode: other.mode,
    title: MODES[other.mode].title,
    verdict: "possible",
    reason: whyNotPreferred(other, chosen),
  }));
  const plan = describePlan(chosen, needs, inOrder([...rejected, ...possible]));
  const refused = refusedByEc2(plan);
  if (refused.length === 0) return { ok: true, plan };
  return { ok: false, refusal: { reason: `EC2 would refuse it: ${refused.join("; ")}`, alternatives: plan.alternatives } };
}

export type Proved = { readonly ok: true; readonly plan: Plan; readonly proof: Proof } | Extract<Planned, { readonly ok: false }>;

/** A plan that its simulation has nothing against. Where something runs out, subnets are planned larger, twice; then there is no plan. */
export function planAndProve(needs: Needs): Proved {
  let said = "";
  let alternatives: readonly Alternative[] = [];
  for (const more of MORE_HEADROOM) {
    const planned = planCluster(needs, needs.headroom + more);
    if (!planned.ok) {
      const { refusal } = planned;
      return said === "" ? planned : { ok: false, refusal: { ...refusal, reason: `${said}; and with more headroom: ${refusal.reason}` } };
    }
    const proof = provePlan(planned.plan);
    if (isGood(proof)) return { ok: true, plan: planned.plan, proof };
    said = exhaustionText(planned.plan, proof);
    alternatives = planned.plan.alternatives;
  }
  return { ok: false, refusal: { reason: said, alternatives } };
}

function exhaustionText({ title }: Plan, proof: Proof): string {
  if (proof.kind === "not-simulated") return proof.why;
  const { firstExhaustion, podsNeverStarted } = proof;
  const what =
    firstExhaustion === null
      ? `${podsNeverStarted} pods never start`
      : `${firstExhaustion.subnet} runs out (${firstExhaustion.reason}) after ${firstExhaustion.atSeconds} s`;
  return `${title}: in the simulation ${what}`;
}

function inOrder(alternatives: readonly Alternative[]): readonly Alternative[] {
  return alternatives.toSorted((a, b) => PREFERENCE.indexOf(a.mode) - PREFERENCE.indexOf(b.mode));
}

/** The overlay asks the least of the VPC, so its reason is what keeps every other mode from it, too. */
function whatIsMissing(rejected: readonly Alternative[]): string {
  const reasonOf = (mode: PlanMode): string | undefined => rejected.find((one) => one.mode === mode)?.reason;
  return reasonOf("custom-prefix") ?? reasonOf("prefix") ?? "no mode carries these needs";
}
