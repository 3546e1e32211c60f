const BYTES = /memory|storage/;
const UNITS = [
  ["Ti", 2 ** 40],
  ["Gi", 2 ** 30],
  ["Mi", 2 ** 20],
  ["Ki", 2 ** 10],
] as const;

/** An amount as a quantity: `1500m` of cpu, `2Gi` of memory, `3` pods. */
export function amountText(name: string, amount: number): string {
  const unit = BYTES.test(name) && amount > 0 ? UNITS.find(([, size]) => amount % size === 0) : undefined;
  return unit === undefined ? plainAmount(amount) : `${amount / unit[1]}${unit[0]}`;
}

/** An amount without a unit; a part of one in thousandths. */
export function plainAmount(amount: number): string {
  return Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1000)}m`;
}
