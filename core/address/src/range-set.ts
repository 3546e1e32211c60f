/**
 * What sets of ranges need to know of one address family. Ranges of a family form a binary tree: two either nest or share nothing,
 * and each but the root is one half of a parent.
 */
export interface RangeTree<Range extends { readonly length: number }> {
  /** By first address, the larger range first. */
  readonly compare: (a: Range, b: Range) => number;
  readonly contains: (outer: Range, inner: Range) => boolean;
  readonly overlaps: (a: Range, b: Range) => boolean;
  /** The range one bit shorter that holds this one. */
  readonly parent: (range: Range) => Range;
  /** The lower and the upper half; never asked of a single address. */
  readonly halves: (range: Range) => readonly [Range, Range];
  /** The piece of this longer prefix length at the range's start. */
  readonly firstPiece: (range: Range, length: number) => Range;
}

/** The fewest ranges that hold exactly the same addresses, lowest first: nested ones vanish, neighbours merge. */
export function aggregate<Range extends { readonly length: number }>(tree: RangeTree<Range>, ranges: readonly Range[]): Range[] {
  const kept: Range[] = [];
  for (const range of ranges.toSorted(tree.compare)) {
    const last = kept.at(-1);
    if (last !== undefined && tree.contains(last, range)) continue;
    kept.push(range);
    mergeEnd(tree, kept);
  }
  return kept;
}

function mergeEnd<Range extends { readonly length: number }>(tree: RangeTree<Range>, kept: Range[]): void {
  for (;;) {
    const [low, high] = [kept.at(-2), kept.at(-1)];
    if (low === undefined || high === undefined || low.length !== high.length || low.length === 0) return;
    const parent = tree.parent(low);
    if (!tree.contains(parent, high)) return;
    kept.splice(-2, 2, parent);
  }
}

/** The fewest ranges that hold the addresses of `from` that are in none of `less`, lowest first. */
export function subtract<Range extends { readonly length: number }>(
  tree: RangeTree<Range>,
  from: readonly Range[],
  less: readonly Range[],
): Range[] {
  return [...leftOver(tree, aggregate(tree, from), aggregate(tree, less))];
}

/** The lowest aligned range of prefix length `length` inside `outer` that touches none of `used`. */
export function firstFree<Range extends { readonly length: number }>(
  tree: RangeTree<Range>,
  outer: Range,
  used: readonly Range[],
  length: number,
): Range | undefined {
  for (const free of leftOver(tree, [outer], aggregate(tree, used))) {
    if (free.length <= length) return tree.firstPiece(free, length);
  }
  return undefined;
}

/** What is left of each range, in order. Lazy: a search for the first fit looks no further. */
function* leftOver<Range extends { readonly length: number }>(
  tree: RangeTree<Range>,
  from: readonly Range[],
  less: readonly Range[],
): Generator<Range, void> {
  for (const range of from) {
    const inside = less.filter((taken) => tree.overlaps(range, taken));
    if (inside.length === 0) yield range;
    else if (!inside.some((taken) => tree.contains(taken, range))) yield* leftOver(tree, tree.halves(range), inside);
  }
}
