export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The straight line nearest to points by least squares, and how much of their spread it explains: 1 is all. */
export function linearFit(points: readonly Point[]): { readonly slope: number; readonly intercept: number; readonly r2: number } {
  const mean = (of: (point: Point) => number): number => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const slope = mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2);
  const intercept = y - slope * x;
  const left = mean((point) => (point.y - intercept - slope * point.x) ** 2);
  const spread = mean((point) => (point.y - y) ** 2);
  return { slope, intercept, r2: spread === 0 ? 1 : 1 - left / spread };
}
