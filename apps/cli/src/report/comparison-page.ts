import type { SeriesRow, SeriesSubnet } from "@slash28/fleet";
import { comparedRows, type ComparedRun } from "../simulate/comparison.ts";
import { markup, type Html } from "./html.ts";
import { overlayChart } from "./overlay-chart.ts";
import { pageOf } from "./page.ts";
import { fleetCharts, originText, stateLegend, subnetCharts, verdictSection, WORDS, type ReportedRun } from "./report-page.ts";

/** Runs beside one another as one HTML page: what came of each, their curves in common charts, every figure, then each run's own charts. */
export function comparisonPage(runs: readonly ComparedRun[]): string {
  const title = runs.map(({ name }) => name).join(" beside ");
  const reported = runs.map(({ name, scenario, result }): ReportedRun => ({ ...scenario, name, result }));
  return pageOf(
    title,
    markup`<h1>${title}</h1>
      ${reported.map((run) => verdictOfRun(run))}
      <h2>Together</h2>
      <div class="cards">
        ${overlayChart(
          "Addresses held for pods",
          runs,
          sumOf(({ held }) => held),
        )}
        ${overlayChart(
          "Addresses idle in warm pools",
          runs,
          sumOf(({ held, assigned, cooling }) => held - assigned - cooling),
        )}
        ${overlayChart(
          "Addresses in use by anyone",
          runs,
          sumOf(({ used }) => used),
        )}
        ${overlayChart("Pods that run", runs, ({ podsRunning }) => podsRunning)}
        ${overlayChart("Pods that wait", runs, ({ podsWaiting }) => podsWaiting)}
        ${overlayChart("Calls to EC2 since the start", runs, ({ ec2Calls }) => ec2Calls)}
      </div>
      <h2>Figures</h2>
      ${figuresTable(runs)} ${reported.map((run) => chartsOfRun(run))} ${WORDS}`,
  );
}

function sumOf(of: (subnet: SeriesSubnet) => number): (row: SeriesRow) => number {
  return ({ subnets }) => subnets.reduce((sum, subnet) => sum + of(subnet), 0);
}

function verdictOfRun(run: ReportedRun): Html {
  return markup`<h2>${run.name}</h2>
    <p class="soft">${originText(run)}</p>
    ${verdictSection(run.result)}`;
}

function figuresTable(runs: readonly ComparedRun[]): Html {
  return markup`<div class="wide">
      <table>
        <thead>
          <tr>
            <th></th>
            ${runs.map(({ name }) => markup`<th>${name}</th>`)}
            <th>change</th>
          </tr>
        </thead>
        <tbody>
          ${comparedRows(runs).map(
            ({ label, cells, change }) =>
              markup`<tr>
                <td>${label}</td>
                ${cells.map((cell) => markup`<td>${cell.trim()}</td>`)}
                <td>${change}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">* the better of a row; the change is that from the first run to the last.</p>`;
}

function chartsOfRun(run: ReportedRun): Html {
  return markup`<h2>${run.name}: who has each subnet's addresses</h2>
    <p class="legend">${stateLegend()}</p>
    <div class="cards">${subnetCharts(run)}${fleetCharts(run)}</div>`;
}
