import type { Exhaustion, FleetResult, Percentiles, SeriesSubnet, SubnetResult } from "@slash28/fleet";
import { countOf, countText, millisText, shareText, spanText } from "./quantities.ts";

/** What a run comes to, in plain words. */
export interface Verdict {
  /** bad: pods never started. warning: something ran out, or pods waited, or little is left. */
  readonly level: "good" | "warning" | "bad";
  readonly headline: string;
  /** What else is to be known, most important first; then what to try. */
  readonly sentences: readonly string[];
}

/** A subnet that was used to this share has no room for a bad day. */
const TIGHT_SHARE = 0.85;
const THROTTLED_SHARE = 0.05;
/** Pods that wait for addresses are worth a warning above this share. */
const DELAYED_SHARE = 0.01;
const IDLE_SHARE_OF_SUBNET = 0.1;
const COOLING_SHARE = 0.25;

export function verdictOf(result: FleetResult): Verdict {
  const { summary } = result;
  const { firstExhaustion: exhaustion, podsNeverStarted: never, podsDelayedByAddresses: delayed, podsStarted } = summary;
  const waitedMuch = delayed > (podsStarted + never) * DELAYED_SHARE;
  const isTight = (fullest(summary.subnets)?.peakUsedShare ?? 0) >= TIGHT_SHARE;
  const isThrottled = summary.ec2Calls.throttledShare >= THROTTLED_SHARE;
  const isWarning = exhaustion !== null || waitedMuch || isTight || isThrottled || summary.nodes.failedToLaunch > 0;
  return {
    level: never > 0 ? "bad" : isWarning ? "warning" : "good",
    headline: headlineOf(result),
    sentences: [...stoppedSentence(result), ...factSentences(result), ...adviceSentences(result)],
  };
}

function headlineOf({ summary }: FleetResult): string {
  const { firstExhaustion: exhaustion, podsNeverStarted: never, podsDelayedByAddresses: delayed, podsStarted } = summary;
  if (exhaustion === null) {
    if (never > 0) return `Nothing ran out of addresses, but ${countOf(never, "pod")} had no node to run on.`;
    if (delayed > 0)
      return `Nothing ran out. ${countText(delayed)} of ${countOf(podsStarted, "pod")} waited for an address (${shareText(delayed / podsStarted)}).`;
    const forNodes = summary.podsDelayed;
    if (forNodes > 0)
      return `Nothing ran out. ${countText(forNodes)} of ${countOf(podsStarted, "pod")} waited for a node (${shareText(forNodes / podsStarted)}), none for an address.`;
    return podsStarted === 0 ? "Nothing ran out, and no pod started." : "Nothing ran out, and no pod waited for an address.";
  }
  const what = `${whatRanOut(exhaustion)} after ${spanText(exhaustion.atSeconds)}`;
  if (never > 0) return `${what}: ${countOf(never, "pod")} never started.`;
  if (delayed > 0) return `${what}: ${countOf(delayed, "pod")} waited for an address, and all started in the end.`;
  return `${what}; no pod waited for it.`;
}

/** `Subnet nodes-a ran out of free addresses`. */
export function whatRanOut({ reason, subnet }: Exhaustion): string {
  switch (reason) {
    case "no-free-addresses":
      return `Subnet ${subnet} ran out of free addresses`;
    case "no-free-prefix":
      return `Subnet ${subnet} had no whole /28 left for a prefix`;
    case "no-free-ipv6-prefix":
      return `Subnet ${subnet} had no whole /80 of IPv6 left for a node`;
    case "no-branch-eni":
      return "No node had a branch ENI left for a pod with security groups of its own, though some had places";
    case "eni-quota":
      return "The account ran out of network interfaces (EC2's quota per Region)";
    case "instance-full":
      return `An instance in ${subnet} had all of its ENIs and slots in use while a pod waited on it`;
    default:
      return reason satisfies never;
  }
}

function stoppedSentence({ summary: { ranSeconds, durationSeconds } }: FleetResult): readonly string[] {
  if (ranSeconds >= durationSeconds) return [];
  return [`The run was stopped after ${spanText(ranSeconds)} of ${spanText(durationSeconds)}; what follows is what happened until then.`];
}

function factSentences({ summary }: FleetResult): readonly string[] {
  const { subnets, averageHeld, averageIdle, averageCooling, podStartMs, ec2Calls, nodes } = summary;
  const tightest = fullest(subnets);
  return [
    ...(tightest === undefined
      ? []
      : [
          `The fullest subnet was ${tightest.name}: ${countText(tightest.peakUsed)} of ${countText(tightest.usable)} addresses in use at most (${shareText(tightest.peakUsedShare)}), ${countText(tightest.leastFree)} left.`,
        ]),
    ...(averageHeld > 0
      ? [
          `Of ${countText(averageHeld)} addresses that nodes held on average, ${countText(averageIdle)} were idle (${shareText(averageIdle / averageHeld)}).`,
        ]
      : []),
    ...(averageCooling >= averageHeld * COOLING_SHARE && averageCooling > 0
      ? [
          `${shareText(averageCooling / averageHeld)} of them cooled down after a pod (IP_COOLDOWN_PERIOD): pods that live shortly need more addresses than run at a time.`,
        ]
      : []),
    ...(podStartMs.p50 === null ? [] : [startSentence(podStartMs)]),
    ...(ec2Calls.throttledShare >= THROTTLED_SHARE
      ? [
          `EC2 throttled ${shareText(ec2Calls.throttledShare)} of ${countText(ec2Calls.total)} calls; nodes had their first address after ${millisText(nodes.readyMs.p99)} at worst (p99).`,
        ]
      : []),
    ...(nodes.failedToLaunch > 0 ? [`EC2 refused to launch ${countOf(nodes.failedToLaunch, "instance")}.`] : []),
  ];
}

function startSentence({ p50, p99 }: Percentiles): string {
  const late = `99 of 100 ${p50 === p99 ? "pods that started took " : ""}${millisText(p99)} or less.`;
  return p50 === p99 ? late : `Of the pods that started, half took ${millisText(p50)} or less and ${late}`;
}

function fullest(subnets: readonly SubnetResult[]): SubnetResult | undefined {
  return subnets.toSorted((a, b) => b.peakUsedShare - a.peakUsedShare)[0];
}

/** What to try, by what ran out. */
function adviceSentences(result: FleetResult): readonly string[] {
  const { firstExhaustion } = result.summary;
  return firstExhaustion === null ? [] : [adviceOn(firstExhaustion, result)];
}

function adviceOn(exhaustion: Exhaustion, result: FleetResult): string {
  switch (exhaustion.reason) {
    case "no-free-addresses":
      return fullSubnetAdvice(result, exhaustion);
    case "no-free-prefix":
      return `Free addresses alone do not help there: a prefix needs 16 in a row. To try: a CIDR reservation for prefixes in ${exhaustion.subnet} before others come, or a subnet of its own for pods.`;
    case "no-free-ipv6-prefix":
      return `A subnet's /64 has 65,536 of them, and single IPv6 addresses break up some. To try: more subnets for nodes in ${zoneOf(result, exhaustion)}.`;
    case "no-branch-eni":
      return "To try: more nodes, or a type that takes more branch ENIs (slash28 max-pods --security-groups-for-pods tells them); ENABLE_POD_ENI must be on, and the type able to have a trunk.";
    case "eni-quota":
      return "To try: a higher quota of network interfaces (L-DF5E4CA3), or prefixes, which need fewer ENIs for the same pods.";
    case "instance-full":
      return "To try: max pods no higher than the instance type has addresses for, prefixes, or a larger type.";
    default:
      return exhaustion.reason satisfies never;
  }
}

function zoneOf({ summary }: FleetResult, { subnet }: Exhaustion): string {
  return summary.subnets.find(({ name }) => name === subnet)?.zone ?? "that zone";
}

/** Warm addresses are the cheapest cure where giving them up would be enough; else it takes more addresses. */
function fullSubnetAdvice({ summary, series }: FleetResult, { atSeconds, subnet }: Exhaustion): string {
  const wanting = summary.podsNeverStarted;
  const idleAtEnd = (series.at(-1)?.subnets ?? []).reduce((sum, each) => sum + idleOf(each), 0);
  if (wanting > idleAtEnd)
    return `At the end ${countOf(wanting, "pod")} waited and ${countText(idleAtEnd)} addresses lay idle, so lower warm targets alone do not help. To try: a further CIDR such as 100.64.0.0/16 with subnets for pods (custom networking), or larger subnets.`;
  const index = summary.subnets.findIndex(({ name }) => name === subnet);
  const then = (series.findLast((row) => row.atSeconds <= atSeconds) ?? series[0])?.subnets[index];
  const idle = then === undefined ? 0 : idleOf(then);
  return idle >= (summary.subnets[index]?.usable ?? 0) * IDLE_SHARE_OF_SUBNET
    ? `About ${countText(idle)} of its addresses lay idle in warm pools then: lower warm targets (WARM_IP_TARGET with MINIMUM_IP_TARGET) free most of them.`
    : "Few of its addresses lay idle in warm pools then. To try: a further CIDR such as 100.64.0.0/16 with subnets for pods (custom networking), or larger subnets.";
}

function idleOf({ held, assigned, cooling }: SeriesSubnet): number {
  return held - assigned - cooling;
}
