/** Numbers as people read them: the same on every machine, whatever its language. */

/** `8,247`; fractions to one place, below ten to two. */
export function countText(value: number): string {
  const places = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1;
  const [whole = "", fraction = ""] = value.toFixed(places).split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  const rest = fraction.replace(/0+$/, "");
  return rest === "" ? grouped : `${grouped}.${rest}`;
}

/** `1 pod`, `2 pods`. */
export function countOf(value: number, noun: string): string {
  return `${countText(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `43.2 %`. What is not nothing is not shown as nothing, and what is not all not as all. */
export function shareText(share: number): string {
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  if (share < 1 && share >= 0.9995) return "> 99.9 %";
  return `${countText(Math.round(share * 1_000) / 10)} %`;
}

/** `2 h 11 min`, `3 d 4 h`, `18 s`: the two largest units. */
export function spanText(seconds: number): string {
  if (seconds < 60) return `${countText(Math.round(seconds * 10) / 10)} s`;
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

/** `4 ms`, `1.3 s`, `2 min 5 s`; `–` where there is none. */
export function millisText(ms: number | null): string {
  if (ms === null) return "–";
  return ms < 1_000 ? `${countText(ms)} ms` : spanText(ms / 1_000);
}
