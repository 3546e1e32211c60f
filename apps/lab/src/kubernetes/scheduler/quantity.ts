const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity (`250m`, `1.5Gi`, `1e3`) as a number of its base unit; what is none counts as 0. */
export function quantity(value: string | number | undefined): number {
  if (typeof value === "number") return value;
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(value ?? "");
  const number = Number(match?.[1]);
  const factor = SUFFIXES[match?.[2] ?? ""];
  return Number.isNaN(number) || factor === undefined ? 0 : number * factor;
}
