import { cidrRangeLast, cidrRangeSize, formatAddress, formatCidrRange, type CidrRange } from "@slash28/address";
import { usableAddresses } from "@slash28/vpc";
import { renderTable, type Column } from "../output/index.ts";

/** A range as these commands print it. Counts of IPv6 are beyond what JSON's numbers hold, so they are text there. */
export interface RangeRow {
  readonly cidr: string;
  readonly first: string;
  readonly last: string;
  readonly addresses: number | string;
  /** What an EC2 subnet of this range gives out, all but five; `null` where no subnet may be of this size. */
  readonly usableAsSubnet: number | string | null;
}

export function rangeRow(range: CidrRange): RangeRow {
  const usable = usableAddresses(range);
  return {
    cidr: formatCidrRange(range),
    first: formatAddress(range.base),
    last: formatAddress(cidrRangeLast(range)),
    addresses: countOf(cidrRangeSize(range)),
    usableAsSubnet: usable === undefined ? null : countOf(usable),
  };
}

export function countOf(count: bigint): number | string {
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count);
}

const COLUMNS: readonly Column<RangeRow>[] = [
  { head: "cidr", cell: (row) => row.cidr },
  { head: "first", cell: (row) => row.first },
  { head: "last", cell: (row) => row.last },
  { head: "addresses", cell: (row) => row.addresses, align: "right" },
  { head: "usable in EC2", cell: (row) => row.usableAsSubnet ?? "no subnet size", align: "right" },
];

export function rangeTable(rows: readonly RangeRow[]): string {
  return renderTable(COLUMNS, rows);
}
