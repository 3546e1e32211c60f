import type { DefragPlan, PinnedPrefix } from "@slash28/ipam";
import { renderTable, type Column } from "../output/index.ts";

/** One node's plan. */
export interface NodeDefrag extends DefragPlan {
  readonly node: string;
}

interface Row extends PinnedPrefix {
  readonly node: string;
}

const PODS_SHOWN = 4;

const COLUMNS: readonly Column<Row>[] = [
  { head: "node", cell: ({ node }) => node },
  { head: "prefix", cell: ({ cidr }) => cidr },
  { head: "eni", cell: ({ eni }) => eni },
  { head: "pods", cell: ({ pods }) => pods.length, align: "right" },
  { head: "free", cell: ({ free }) => free, align: "right" },
  { head: "advice", cell: ({ advice }) => advice },
  { head: "pinned by", cell: ({ pods }) => shortList(pods) },
];

/** Every pinned prefix a line, then a sentence for each node. */
export function defragText(plans: readonly NodeDefrag[]): string {
  const rows = plans.flatMap(({ node, prefixes }) => prefixes.map((prefix): Row => ({ node, ...prefix })));
  const said = plans.map((plan) => `${plan.node}: ${verdict(plan)}`);
  return [...(rows.length === 0 ? [] : [renderTable(COLUMNS, rows), ""]), ...said].join("\n");
}

function verdict({ prefixes, idlePrefixes, singles, drain, frees }: DefragPlan): string {
  const idle = idlePrefixes.length === 0 ? "" : `; without pods: ${idlePrefixes.join(", ")}`;
  if (prefixes.length === 0) {
    return singles === 0
      ? `no pod holds an address of a prefix${idle}`
      : `${singles === 1 ? "one pod holds a single address, which goes back when it ends" : `${singles} pods hold single addresses, which go back one by one`}${idle}`;
  }
  if (frees === 0) return `nothing to win: its pods need the prefixes they are on${idle}`;
  const done = drain.length === 1 ? `draining ${drain[0]}` : `draining ${drain.length} pods`;
  return `${done} frees ${frees} addresses; the prefixes kept have room for them${idle}`;
}

function shortList(pods: readonly string[]): string {
  const rest = pods.length - PODS_SHOWN;
  return [...pods.slice(0, PODS_SHOWN), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
}
