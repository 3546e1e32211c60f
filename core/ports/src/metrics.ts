export type Labels = Readonly<Record<string, string>>;

/** Where counts and levels go. Names and label sets are declared once, by the program's metric table. */
export interface Metrics {
  add(name: string, labels?: Labels, by?: number): void;
  set(name: string, value: number, labels?: Labels): void;
  observe(name: string, value: number, labels?: Labels): void;
}
