import { basename } from "node:path";
import type { FleetResult } from "@slash28/fleet";
import { countOf, spanText } from "../simulate/quantities.ts";
import type { Scenario } from "../simulate/scenario.ts";
import { verdictOf } from "../simulate/verdict.ts";
import { addressMap, CELLS } from "./address-map.ts";
import type { Mark } from "./chart.ts";
import { callsTable, holdingsTable, subnetsTable, tiles } from "./figure-tables.ts";
import { callsChart, podsChart } from "./fleet-charts.ts";
import { legendItem, markup, type Html } from "./html.ts";
import { pageOf } from "./page.ts";
import { startChart } from "./start-chart.ts";
import { STATES, useChart } from "./use-chart.ts";
import { whatHappened } from "./what-happened.ts";

export interface ReportedRun extends Scenario {
  readonly result: FleetResult;
}

/** One run as one HTML page: what came of it in words, then in charts, then in numbers. The same run gives the same bytes. */
export function reportPage(run: ReportedRun): string {
  const { name, result } = run;
  return pageOf(
    name,
    markup`<h1>${name}</h1>
      <p class="soft">${originText(run)}</p>
      ${verdictSection(result)} ${tiles(result)} ${subnetSection(run)} ${fleetSection(run)} ${storySection(run)} ${mapSection(result)}
      <h2>Numbers</h2>
      ${subnetsTable(result)} ${holdingsTable(result)} ${callsTable(result)} ${WORDS}`,
  );
}

export function verdictSection(result: FleetResult): Html {
  const { level, headline, sentences } = verdictOf(result);
  return markup`<section class="verdict ${level}">
    <p class="headline">${headline}</p>
    ${sentences.map((sentence) => markup`<p>${sentence}</p>`)}
  </section>`;
}

/** Where a run's figures come from. */
export function originText({ path, settings, input, result }: ReportedRun): string {
  const { durationSeconds, seed } = result.summary;
  const groups = input.nodeGroups.map(
    ({ name, nodes, instanceType }) => `${name} (${countOf(nodes, "node")} of ${instanceType} at the start)`,
  );
  const set = settings.map(({ flag }) => flag.replace(/^--\w+ /, ""));
  return [
    `${spanText(durationSeconds)} of virtual time, simulated by slash28 from ${basename(path)} with seed ${seed}`,
    ...(set.length === 0 ? [] : [` and ${set.join(", ")}`]),
    `. Node groups: ${groups.join(", ")}.`,
  ].join("");
}

function marksOf({ input, result: { summary } }: ReportedRun, subnet?: string): readonly Mark[] {
  const { firstExhaustion, ranSeconds } = summary;
  const times = new Set(input.changes.map(({ atMs }) => atMs / 1_000).filter((time) => time <= ranSeconds));
  const changes = Array.from(times, (atSeconds): Mark => ({ atSeconds, kind: "change" }));
  const isShown = firstExhaustion !== null && (subnet === undefined || firstExhaustion.subnet === subnet);
  return isShown ? [...changes, { atSeconds: firstExhaustion.atSeconds, kind: "exhaustion" }] : changes;
}

/** Who has which addresses, subnet by subnet. */
export function subnetCharts(run: ReportedRun): readonly Html[] {
  const { summary, series } = run.result;
  return summary.subnets.map((subnet, place) =>
    useChart({ subnet, place, series, seconds: summary.ranSeconds, marks: marksOf(run, subnet.name) }),
  );
}

function subnetSection(run: ReportedRun): Html {
  return markup`<h2>Who has each subnet's addresses</h2>
    <p class="legend">${stateLegend()}${markLegend(run)}</p>
    <div class="cards">${subnetCharts(run)}</div>`;
}

export function stateLegend(): readonly Html[] {
  return STATES.map(({ key, label }) => legendItem(`fill-${key}`, label));
}

function markLegend({ input, result }: ReportedRun): Html {
  return markup`${result.summary.firstExhaustion === null ? undefined : legendItem("stroke-bad", "something ran out")}${input.changes.length === 0 ? undefined : legendItem("stroke-soft", "a change (see below)")}`;
}

/** Pods that run and wait, how long they took to start, and the calls to EC2. */
export function fleetCharts(run: ReportedRun): readonly Html[] {
  const marks = marksOf(run);
  return [podsChart(run.result, marks), startChart(run.result), callsChart(run.result, marks)];
}

function fleetSection(run: ReportedRun): Html {
  return markup`<h2>Pods, and what EC2 was asked</h2>
    <div class="cards">${fleetCharts(run)}</div>`;
}

function storySection({ input, result }: ReportedRun): Html {
  const happenings = whatHappened(result, input.changes);
  return markup`<h2>What happened when</h2>
    <div class="wide">
      <table class="story">
        <tbody>
          ${happenings.map(
            ({ atSeconds, kind, text }) =>
              markup`<tr class="${kind}">
                <td>${spanText(atSeconds)}</td>
                <td>${text}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function mapSection({ subnetMaps }: FleetResult): Html {
  const shown = new Set(subnetMaps.flatMap(({ peak, end }) => `${peak}${end}`.split("")));
  const legend = Object.entries(CELLS).filter(([letter]) => shown.has(letter));
  return markup`<h2>The address space of each subnet</h2>
    <p class="note">
      A square is a block of 16 addresses (a /28), the smallest that a prefix takes: a prefix needs a block that is free as a whole.
    </p>
    <p class="legend">${legend.map(([, { key, label }]) => legendItem(`cell-${key}`, label))}</p>
    <div class="cards">${subnetMaps.map(addressMap)}</div>`;
}

export const WORDS = markup`<h2>Words</h2>
  <dl class="words">
    <dt>held</dt>
    <dd>on a node's network interfaces and there for pods: assigned, idle or cooling down</dd>
    <dt>idle</dt>
    <dd>held and free at once for the next pod of that node: the warm pool</dd>
    <dt>cooling down</dt>
    <dd>kept back after its pod ended, 30 seconds unless set otherwise</dd>
    <dt>of others</dt>
    <dd>load balancers, databases and whatever else has addresses of the subnet</dd>
    <dt>nodes' own</dt>
    <dd>each network interface has a primary address that no pod gets</dd>
    <dt>pinned</dt>
    <dd>free addresses of prefixes that cannot go back because pods have others of the same prefix</dd>
    <dt>never started</dt>
    <dd>pods that still waited at the end, or whose time was over before they had an address</dd>
  </dl>
  <p class="note">
    The pool's decisions are made by the code of the node agent. Not simulated: images that are pulled, CPU and memory beyond the pods a
    node has room for, network cards beyond the first.
  </p>`;
