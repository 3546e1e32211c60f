/** Where a page begins, and how long it may be. */
export interface KeySpan {
  /** Key of the last item shown before; from the start when absent. */
  readonly after: string | undefined;
  readonly size: number;
}

export interface KeyPage<T> {
  readonly items: readonly T[];
  /** Key of the last item shown; absent when nothing comes after it. */
  readonly last?: string;
}

/** One page of a list in the order of its keys, so that items that come or go between two pages neither repeat nor hide others. */
export function keyPage<T>(items: readonly T[], key: (item: T) => string, { after, size }: KeySpan): KeyPage<T> {
  const sorted = items.toSorted((a, b) => compare(key(a), key(b)));
  const rest = after === undefined ? sorted : sorted.filter((item) => compare(key(item), after) > 0);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  return last === undefined || shown.length === rest.length ? { items: shown } : { items: shown, last: key(last) };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
