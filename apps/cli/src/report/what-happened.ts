import type { FleetChange, FleetResult } from "@slash28/fleet";
import { formatCidr4 } from "@slash28/address";
import { countOf, countText, shareText } from "../simulate/quantities.ts";
import { whatRanOut } from "../simulate/verdict.ts";

/** One moment of a run that is worth telling. */
export interface Happening {
  readonly atSeconds: number;
  readonly kind: "exhaustion" | "change" | "other";
  readonly text: string;
}

/** What happened when, in order. What the time series shows is told to its next row. */
export function whatHappened({ summary, series }: FleetResult, changes: readonly FleetChange[]): readonly Happening[] {
  const { firstExhaustion, ranSeconds } = summary;
  const happenings: Happening[] = changes
    .filter(({ atMs }) => atMs / 1_000 <= ranSeconds)
    .map((change) => ({ atSeconds: change.atMs / 1_000, kind: "change", text: changeText(change) }));
  if (firstExhaustion !== null)
    happenings.push({ atSeconds: firstExhaustion.atSeconds, kind: "exhaustion", text: `${whatRanOut(firstExhaustion)}.` });
  return [...happenings, ...ofSeries(series, summary)].sort((a, b) => a.atSeconds - b.atSeconds);
}

function ofSeries(series: FleetResult["series"], summary: FleetResult["summary"]): readonly Happening[] {
  const other = (atSeconds: number, text: string): Happening => ({ atSeconds, kind: "other", text });
  const found: Happening[] = [];
  const throttled = series.find(({ ec2Throttled }) => ec2Throttled > 0);
  if (throttled !== undefined)
    found.push(
      other(throttled.atSeconds, `EC2 had begun to throttle calls (${shareText(summary.ec2Calls.throttledShare)} of all in the end).`),
    );
  const mostNodes = series.find(({ nodes }) => nodes === summary.nodes.peak);
  const [first] = series;
  if (mostNodes !== undefined && first !== undefined && mostNodes.nodes > first.nodes)
    found.push(other(mostNodes.atSeconds, `The fleet was at its largest: ${countOf(mostNodes.nodes, "node")}.`));
  const mostWaiting = series.reduce((most, { podsWaiting }) => Math.max(most, podsWaiting), 0);
  const queue = series.find(({ podsWaiting }) => podsWaiting > 0 && podsWaiting === mostWaiting);
  if (queue !== undefined) found.push(other(queue.atSeconds, `The most pods waited: ${countText(mostWaiting)}.`));
  const lastWaiting = series.findLastIndex(({ podsWaiting }) => podsWaiting > 0);
  const cleared = series[lastWaiting + 1];
  if (lastWaiting >= 0 && cleared !== undefined) found.push(other(cleared.atSeconds, "No pod waited any more."));
  const last = series.at(-1);
  if (last !== undefined)
    found.push(
      other(
        last.atSeconds,
        `${last.atSeconds >= summary.durationSeconds ? "The end" : "Where the run was stopped"}: ${countOf(last.nodes, "node")}, ${countOf(last.podsRunning, "pod")} running, ${countText(last.podsWaiting)} waiting.`,
      ),
    );
  return found;
}

function changeText(change: FleetChange): string {
  switch (change.kind) {
    case "set-env": {
      const variables = Object.entries(change.env).map(([name, value]) => (value === null ? `${name} taken away` : `${name}=${value}`));
      return `Settings of aws-node changed, its pods rolled out: ${variables.join(", ")}.`;
    }
    case "set-eni-configs":
      return `ENIConfigs changed: ${Object.entries(change.eniConfigs)
        .map(([zone, subnet]) => `${zone} → ${subnet}`)
        .join(", ")}.`;
    case "replace-nodes":
      return `The nodes of ${change.group} began to be replaced, ${countText(change.maxUnavailable)} at a time, ${change.launchFirst ? "new ones first" : "old ones first"}${change.nodes === undefined ? "" : `, by ${countOf(change.nodes, "node")}`}${change.instanceType === undefined ? "" : ` of ${change.instanceType}`}.`;
    case "add-subnet":
      return `Subnet ${change.subnet.name} (${formatCidr4(change.subnet.cidr)}, ${change.subnet.zone}) was added.`;
    case "scale-group":
      return `Group ${change.group} was scaled to ${countOf(change.nodes, "node")}.`;
    case "raise-eni-quota":
      return `The account may have ${countOf(change.eniQuota, "network interface")} now.`;
    default:
      return change satisfies never;
  }
}
