import { cidr4, formatIpv4, offsetIpv4 } from "@slash28/address";
import type { MapCell, SubnetMap } from "@slash28/fleet";
import { countText, spanText } from "../simulate/quantities.ts";
import { at, CHART_WIDTH } from "./chart.ts";
import { markup, type Html } from "./html.ts";

/** What a letter of a map stands for: how it is coloured, and said. */
export const CELLS: Readonly<Record<MapCell, { readonly key: string; readonly label: string }>> = {
  ".": { key: "free", label: "free" },
  P: { key: "prefix", label: "a prefix that pods use" },
  p: { key: "warm-prefix", label: "a prefix without a pod" },
  a: { key: "some", label: "partly single addresses of nodes" },
  A: { key: "all", label: "all single addresses of nodes" },
  m: { key: "mixed", label: "addresses of nodes and of others" },
  o: { key: "some-other", label: "partly of others" },
  O: { key: "all-other", label: "all of others" },
  r: { key: "reserved", label: "free and reserved" },
};
const ORDER = Object.keys(CELLS) as MapCell[];
const LABEL_WIDTH = 92;
const LABEL_EVERY_PX = 14;
const CELL_MAX = 18;
const BLOCK = 16;
/** Cells in a row, by how many cells there are. */
const ROW_LENGTHS: readonly (readonly [number, number])[] = [
  [256, 16],
  [1_024, 32],
];
const ROW_LENGTH_MAX = 64;

/** A subnet's address space, a square for each /28: when it was fullest, and at the end where that differs. */
export function addressMap({ name, cidr, peakAtSeconds, peak, end }: SubnetMap): Html {
  const when = `fullest, after ${spanText(peakAtSeconds)}`;
  const maps =
    peak === end
      ? [drawn(name, cidr, end, "fullest, and at the end")]
      : [drawn(name, cidr, peak, when), drawn(name, cidr, end, "at the end")];
  return markup`<figure>
    <figcaption><b>${name}</b> ${cidr}: ${countText(end.length)} blocks of 16</figcaption>
    ${maps}
  </figure>`;
}

function drawn(name: string, cidr: string, letters: string, when: string): Html {
  const row = Math.min(letters.length, ROW_LENGTHS.find(([cells]) => letters.length <= cells)?.[1] ?? ROW_LENGTH_MAX);
  const size = Math.min(CELL_MAX, (CHART_WIDTH - LABEL_WIDTH) / row);
  const rows = Math.ceil(letters.length / row);
  const counts = countsIn(letters);
  const labelEvery = Math.ceil(LABEL_EVERY_PX / size);
  const { base } = cidr4(cidr);
  const labels = Array.from({ length: Math.ceil(rows / labelEvery) }, (_, index) => index * labelEvery).map(
    (line) =>
      markup`<text x="${LABEL_WIDTH - 8}" y="${at(line * size + Math.min(size, LABEL_EVERY_PX) / 2 + 4)}" text-anchor="end"
        >${formatIpv4(offsetIpv4(base, line * row * BLOCK))}</text
      >`,
  );
  const cells = ORDER.filter((letter) => counts.has(letter)).map(
    (letter) => markup`<path class="cell-${CELLS[letter].key}" d="${cellsPath(letters, letter, row, size)}" />`,
  );
  const said = ORDER.flatMap((letter) => (counts.has(letter) ? [`${countText(counts.get(letter) ?? 0)} ${CELLS[letter].label}`] : [])).join(
    ", ",
  );
  return markup`<p class="when">${when}</p>
    <svg viewBox="0 0 ${CHART_WIDTH} ${at(Math.max(rows * size, LABEL_EVERY_PX))}" role="img" aria-label="Subnet ${name}, ${when}: ${said}">
      ${labels}
      <g transform="translate(${LABEL_WIDTH})">${cells}</g>
    </svg>
    <p class="said">blocks: ${said}</p>`;
}

function countsIn(letters: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return counts;
}

/** Squares with a gap between them, as one path. */
function cellsPath(letters: string, wanted: MapCell, row: number, size: number): string {
  const gap = size > 6 ? 1.5 : 0.6;
  const side = at(size - gap);
  let path = "";
  for (let index = 0; index < letters.length; index++) {
    if (letters[index] !== wanted) continue;
    path += `M${at((index % row) * size)},${at(Math.floor(index / row) * size)}h${side}v${side}h-${side}z`;
  }
  return path;
}
