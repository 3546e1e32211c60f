/** Letters to change, add or leave out before a name is another one altogether. */
const SLIPS_MAX = 2;

/** The name that a misspelt one was probably meant to be; `undefined` when none is near. Case and punctuation do not count. */
export function nearestName(given: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  // Of a name of two letters, two slips leave nothing.
  let least = Math.min(SLIPS_MAX, Math.ceil(given.length / 2)) + 1;
  for (const name of names) {
    const slips = plain(name) === plain(given) ? 0 : editDistance(name.toUpperCase(), given.toUpperCase());
    if (slips < least) [best, least] = [name, slips];
  }
  return best;
}

function plain(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
}

/** Levenshtein's distance: single letters changed, added or left out. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
