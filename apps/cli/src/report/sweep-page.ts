import { FIGURES } from "../simulate/figures.ts";
import type { Scenario } from "../simulate/scenario.ts";
import { bestPlaces, valueText, type SweptRun } from "../simulate/sweep-table.ts";
import type { Sweep } from "../simulate/sweep.ts";
import { markup, type Html } from "./html.ts";
import { pageOf } from "./page.ts";
import { WORDS } from "./report-page.ts";

/** A sweep as one HTML page: a row for each combination with every figure, the best of each column marked. */
export function sweepPage({ name }: Pick<Scenario, "name">, sweeps: readonly Sweep[], runs: readonly SweptRun[]): string {
  const title = `${name}, swept over ${sweeps.map((sweep) => sweep.name).join(" and ")}`;
  const best = FIGURES.map((figure) => new Set(bestPlaces(figure, runs)));
  return pageOf(
    title,
    markup`<h1>${title}</h1>
      <p class="soft">${runs.length} runs of the same fleet and workload. * the best of a column.</p>
      <div class="wide">
        <table>
          <thead>
            <tr>
              ${[...sweeps.map((sweep) => sweep.name), ...FIGURES.map(({ label }) => label)].map((head) => markup`<th>${head}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${runs.map((run, place) => rowOf(run, place, best))}
          </tbody>
        </table>
      </div>
      ${WORDS}`,
  );
}

function rowOf({ settings, summary }: SweptRun, place: number, best: readonly ReadonlySet<number>[]): Html {
  return markup`<tr>
    ${settings.map(({ value }) => markup`<td class="text">${valueText(value)}</td>`)}
    ${FIGURES.map((figure, at) => markup`<td>${figure.text(figure.of(summary))}${best[at]?.has(place) === true ? " *" : ""}</td>`)}
  </tr>`;
}
