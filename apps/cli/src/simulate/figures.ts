import type { FleetSummary } from "@slash28/fleet";
import { countText, millisText, shareText, spanText } from "./quantities.ts";

/** One number that runs are compared by. */
export interface Figure {
  /** Its name in JSON. */
  readonly key: string;
  readonly label: string;
  readonly of: (summary: FleetSummary) => number | null;
  readonly text: (value: number | null) => string;
  /** What is better, where one is. A `null` is the best where it means "never", else it is not compared. */
  readonly better?: "less" | "more" | "later";
  /** Shown in the table of a sweep, which has room for few. */
  readonly head?: string;
}

const number = (value: number | null): string => (value === null ? "–" : countText(value));
const share = (value: number | null): string => (value === null ? "–" : shareText(value));
const moment = (value: number | null): string => (value === null ? "never" : spanText(value));

export const FIGURES: readonly Figure[] = [
  {
    key: "firstExhaustionSeconds",
    label: "first exhaustion after",
    of: ({ firstExhaustion }) => firstExhaustion?.atSeconds ?? null,
    text: moment,
    better: "later",
    head: "exhausted",
  },
  { key: "peakHeld", label: "addresses held, peak", of: ({ peakHeld }) => peakHeld, text: number, better: "less", head: "held, peak" },
  { key: "averageHeld", label: "addresses held, average", of: ({ averageHeld }) => averageHeld, text: number, better: "less" },
  { key: "averageAssigned", label: "assigned to pods, average", of: ({ averageAssigned }) => averageAssigned, text: number },
  { key: "averageIdle", label: "idle, average", of: ({ averageIdle }) => averageIdle, text: number, better: "less", head: "idle, avg" },
  { key: "averageCooling", label: "cooling down, average", of: ({ averageCooling }) => averageCooling, text: number },
  {
    key: "fullestSubnetPeakUsedShare",
    label: "fullest subnet, used at most",
    of: ({ subnets }) => subnets.reduce((most, { peakUsedShare }) => Math.max(most, peakUsedShare), 0),
    text: share,
    better: "less",
    head: "fullest",
  },
  { key: "podsStarted", label: "pods started", of: ({ podsStarted }) => podsStarted, text: number, better: "more" },
  {
    key: "podsDelayed",
    label: "pods that waited for a node or an address",
    of: ({ podsDelayed }) => podsDelayed,
    text: number,
    better: "less",
  },
  {
    key: "podsDelayedByAddresses",
    label: "pods that waited for an address",
    of: ({ podsDelayedByAddresses }) => podsDelayedByAddresses,
    text: number,
    better: "less",
    head: "delayed",
  },
  {
    key: "podsWaitingAtEnd",
    label: "pods that wait at the end",
    of: ({ podsWaitingAtEnd }) => podsWaitingAtEnd,
    text: number,
    better: "less",
  },
  {
    key: "podsNeverStarted",
    label: "pods that never started",
    of: ({ podsNeverStarted }) => podsNeverStarted,
    text: number,
    better: "less",
    head: "never",
  },
  { key: "podStartMsP50", label: "pod start, p50", of: ({ podStartMs }) => podStartMs.p50, text: millisText, better: "less", head: "p50" },
  { key: "podStartMsP90", label: "pod start, p90", of: ({ podStartMs }) => podStartMs.p90, text: millisText, better: "less" },
  { key: "podStartMsP99", label: "pod start, p99", of: ({ podStartMs }) => podStartMs.p99, text: millisText, better: "less", head: "p99" },
  { key: "ec2Calls", label: "EC2 calls", of: ({ ec2Calls }) => ec2Calls.total, text: number, better: "less", head: "ec2 calls" },
  {
    key: "ec2ThrottledShare",
    label: "EC2 calls throttled",
    of: ({ ec2Calls }) => ec2Calls.throttledShare,
    text: share,
    better: "less",
    head: "throttled",
  },
  {
    key: "peakAddressesPinnedByFragmentation",
    label: "pinned by fragmentation, peak",
    of: ({ peakAddressesPinnedByFragmentation }) => peakAddressesPinnedByFragmentation,
    text: number,
    better: "less",
  },
  { key: "peakBranchEnis", label: "branch ENIs, peak", of: ({ branchEnis }) => branchEnis.peak, text: number },
  { key: "peakNodes", label: "nodes, peak", of: ({ nodes }) => nodes.peak, text: number },
  { key: "launchesRefused", label: "launches refused", of: ({ nodes }) => nodes.failedToLaunch, text: number, better: "less" },
  { key: "nodeReadyMsP99", label: "node ready, p99", of: ({ nodes }) => nodes.readyMs.p99, text: millisText, better: "less" },
];

/** Which of several values are the best. None, where all are alike or nothing is better. */
export function bestOf(values: readonly (number | null)[], better: Figure["better"]): readonly boolean[] {
  if (better === undefined || new Set(values).size < 2) return values.map(() => false);
  const ranks = values.map((value) => rankOf(value, better));
  const best = Math.min(...ranks);
  return ranks.map((rank) => rank === best && Number.isFinite(rank));
}

/** The lower the better. */
function rankOf(value: number | null, better: NonNullable<Figure["better"]>): number {
  if (better === "later") return value === null ? -Number.MAX_VALUE : -value;
  if (value === null) return Number.POSITIVE_INFINITY;
  return better === "less" ? value : -value;
}
