/** How a figure is counted. `MB` is 10⁶ bytes. */
export type Unit = "ns" | "µs" | "ms" | "s" | "MB" | "%" | "/s" | "calls";

/** What the project aims at, in the figure's own unit. */
export type Aim = { readonly most: number } | { readonly least: number };

/** One measured number. */
export interface Figure {
  /** What was measured, as a person says it; unique within its benchmark. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly aim?: Aim;
  /** How it came about, where the name does not say it. */
  readonly note?: string;
}

/** Whether the figure is where it should be; `undefined` when nothing is aimed at. */
export function isMet({ value, aim }: Pick<Figure, "value" | "aim">): boolean | undefined {
  if (aim === undefined) return undefined;
  return "most" in aim ? value <= aim.most : value >= aim.least;
}
