import type { FleetResult, PeakAndAverage } from "@slash28/fleet";
import { renderTable, type Column } from "../output/index.ts";
import { countText, millisText, shareText, spanText } from "./quantities.ts";
import { verdictOf } from "./verdict.ts";

/** What a person reads of one run: the verdict, then the numbers behind it. */
export function summaryText(name: string, result: FleetResult): string {
  const { headline, sentences } = verdictOf(result);
  const { durationSeconds, seed } = result.summary;
  return [
    `${name}: ${spanText(durationSeconds)} of virtual time, seed ${seed}`,
    "",
    headline,
    ...sentences.map((sentence) => `  ${sentence}`),
    "",
    subnetTable(result),
    "",
    holdingTable(result),
    "",
    podLines(result),
    "",
    callTable(result),
  ].join("\n");
}

function subnetTable({ summary }: FleetResult): string {
  return renderTable(
    [
      { head: "subnet", cell: ({ name }) => name },
      { head: "zone", cell: ({ zone }) => zone },
      { head: "cidr", cell: ({ cidr }) => cidr },
      { head: "usable", cell: ({ usable }) => countText(usable), align: "right" },
      { head: "others'", cell: ({ otherTenants }) => countText(otherTenants), align: "right" },
      { head: "used, peak", cell: ({ peakUsed }) => countText(peakUsed), align: "right" },
      { head: "", cell: ({ peakUsedShare }) => shareText(peakUsedShare), align: "right" },
      { head: "used, avg", cell: ({ averageUsed }) => countText(averageUsed), align: "right" },
      { head: "free, least", cell: ({ leastFree }) => countText(leastFree), align: "right" },
      { head: "free, end", cell: ({ free }) => countText(free), align: "right" },
    ],
    summary.subnets,
  );
}

interface HoldingRow {
  readonly of: string;
  readonly held: PeakAndAverage;
  readonly assigned: PeakAndAverage;
  readonly idle: PeakAndAverage;
  readonly cooling: PeakAndAverage;
}

const STATES = ["held", "assigned", "idle", "cooling"] as const;

function holdingTable({ summary, nodeGroups }: FleetResult): string {
  const rows: readonly HoldingRow[] = [
    ...summary.subnets.map((subnet) => ({ ...subnet, of: `subnet ${subnet.name}` })),
    ...nodeGroups.map((group) => ({ ...group, of: `group ${group.name}` })),
  ];
  const columns = STATES.flatMap((state): Column<HoldingRow>[] => [
    { head: state, cell: (row) => countText(row[state].peak), align: "right" },
    { head: "avg", cell: (row) => countText(row[state].average), align: "right" },
  ]);
  return `${renderTable([{ head: "addresses for pods, peak", cell: ({ of }) => of }, ...columns], rows)}
held = assigned to pods + idle in warm pools + cooling down after a pod`;
}

function podLines({ summary }: FleetResult): string {
  const { podStartMs, podsStarted, podsDelayed, podsDelayedByAddresses, podsWaitingAtEnd, podsNeverStarted, podsRunning, nodes } = summary;
  const pairs: readonly (readonly [string, string])[] = [
    ["pods", `${countText(podsStarted)} started, at most ${countText(podsRunning.peak)} ran at a time`],
    [
      "waited",
      `${countText(podsDelayed)}, of which ${countText(podsDelayedByAddresses)} for an address on their node; ${countText(podsWaitingAtEnd)} still wait at the end, ${countText(podsNeverStarted)} never started`,
    ],
    ["pod start", `p50 ${millisText(podStartMs.p50)}, p90 ${millisText(podStartMs.p90)}, p99 ${millisText(podStartMs.p99)}`],
    [
      "nodes",
      `at most ${countText(nodes.peak)}; ${countText(nodes.launched)} launched, ${countText(nodes.removed)} removed, ${countText(nodes.failedToLaunch)} refused by EC2`,
    ],
    ["node ready", `p50 ${millisText(nodes.readyMs.p50)}, p99 ${millisText(nodes.readyMs.p99)}`],
    ...ipv6Line(summary),
    ...(summary.branchEnis.peak === 0
      ? []
      : [
          [
            "branch ENIs",
            `at most ${countText(summary.branchEnis.peak)}, ${countText(summary.branchEnis.average)} on average; those that cool down after a pod among them`,
          ] as const,
        ]),
    [
      "pinned",
      `${countText(summary.addressesPinnedByFragmentation)} addresses at the end by fragmented prefixes, ${countText(summary.peakAddressesPinnedByFragmentation)} at most`,
    ],
  ];
  return pairs.map(([label, text]) => `${label.padEnd(12)}${text}`).join("\n");
}

/** Which subnet's /64 nodes have a /80 of. */
function ipv6Line({ subnets }: FleetResult["summary"]): readonly (readonly [string, string])[] {
  const used = subnets.flatMap(({ name, ipv6 }) =>
    ipv6 === null || ipv6.prefixes.peak === 0 ? [] : [`${countText(ipv6.prefixes.peak)} of ${name}`],
  );
  return used.length === 0 ? [] : [["IPv6", `/80 prefixes of nodes, at most ${used.join(", ")}`]];
}

function callTable({ summary: { ec2Calls } }: FleetResult): string {
  const { byAction, total, throttled, throttledShare } = ec2Calls;
  if (total === 0) return "no EC2 call";
  const actions = Object.entries(byAction).map(([action, counts]) => ({ action, ...counts }));
  const refused = actions.reduce((sum, each) => sum + each.refused, 0);
  const rows = [...actions, { action: "all", total, throttled, refused }];
  return renderTable(
    [
      { head: "ec2 calls", cell: ({ action }) => action },
      { head: "sent", cell: (row) => countText(row.total), align: "right" },
      { head: "throttled", cell: (row) => countText(row.throttled), align: "right" },
      { head: "", cell: (row) => shareText(row.action === "all" ? throttledShare : row.throttled / row.total), align: "right" },
      { head: "refused", cell: (row) => countText(row.refused), align: "right" },
    ],
    rows,
  );
}
