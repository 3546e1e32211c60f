import { Command, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  addressAt,
  addressBits,
  cidrRangeLast,
  countCidrRangePieces,
  formatCidrRange,
  splitCidrRange,
  subtractCidrRanges,
  type CidrRange,
} from "@slash28/address";
import { countOf, rangeRow, rangeTable } from "../cidr/range-row.ts";
import { readLength, readRange } from "../cidr/read-ranges.ts";
import { rangesOfEnis, rangesOfSubnets } from "../cidr/used-from-aws.ts";
import { OUTPUT_FORMATS, printResult } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";

/** Pieces that are listed; their number is told in any case. */
const LISTED_MAX = 1024;

/** `slash28 cidr free`: room for subnets in a VPC, or for prefixes in a subnet. */
export function cidrFreeCommand({ terminal }: CommandContext): CommandUnknownOpts {
  return new Command("free")
    .description("What is free of a VPC's or a subnet's ranges, and how many blocks of one size it still has.")
    .argument("<ranges...>", "the VPC's or the subnet's ranges")
    .option("--used <range...>", "ranges and addresses that are taken")
    .option("--subnets <file>", "take the subnets in a saved answer of `aws ec2 describe-subnets`")
    .option("--enis <file>", "take the addresses and prefixes in a saved answer of `aws ec2 describe-network-interfaces`")
    .option("--in-subnet", "the ranges are subnets: EC2 keeps the first four addresses of each and the last")
    .option("--length <n>", "count and list free blocks of this prefix length; prefixes for pods are /28")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action((texts, { used, subnets, enis, inSubnet, length, output }) => {
      const ranges = texts.map(readRange);
      const taken = [
        ...(used ?? []).map(readRange),
        ...(subnets === undefined ? [] : rangesOfSubnets(subnets)),
        ...(enis === undefined ? [] : rangesOfEnis(enis)),
        ...(inSubnet === true ? ranges.flatMap(keptByEc2) : []),
      ];
      const free = subtractCidrRanges(ranges, taken);
      if (length === undefined) {
        const rows = free.map(rangeRow);
        return printResult(terminal, output, { free: rows }, () => (rows.length === 0 ? "nothing is free" : rangeTable(rows)));
      }
      const blocks = blocksOf(free, readLength(length, ranges));
      printResult(terminal, output, blocks, () => blocksText(blocks));
    })
    .addHelpText(
      "after",
      `
Examples:
  slash28 cidr free 10.0.0.0/16 --used 10.0.0.0/20 10.0.16.0/20              what a VPC has left
  slash28 cidr free 10.0.0.0/16 100.64.0.0/16 --subnets subnets.json --length 19
  slash28 cidr free 10.0.0.0/24 --in-subnet --enis enis.json --length 28     prefixes that EC2 could still delegate`,
    );
}

interface FreeBlocks {
  readonly length: number;
  readonly count: number | string;
  /** The first of them, lowest first. */
  readonly blocks: readonly string[];
}

function blocksOf(free: readonly CidrRange[], length: number): FreeBlocks {
  const fitting = free.filter((range) => range.length <= length && length <= addressBits(range));
  const blocks: string[] = [];
  for (const range of fitting) {
    for (const piece of splitUpTo(range, length, LISTED_MAX - blocks.length)) blocks.push(formatCidrRange(piece));
  }
  return { length, count: countOf(fitting.reduce((sum, range) => sum + countCidrRangePieces(range, length), 0n)), blocks };
}

function* splitUpTo(range: CidrRange, length: number, most: number): Generator<CidrRange, void> {
  if (most <= 0) return;
  let count = 0;
  for (const piece of splitCidrRange(range, length)) {
    yield piece;
    if (++count >= most) return;
  }
}

function blocksText({ length, count, blocks }: FreeBlocks): string {
  if (blocks.length === 0) return `no free /${length}`;
  const isCut = String(blocks.length) !== String(count);
  return [`${count} free /${length}${isCut ? `, the first ${blocks.length}` : ""}:`, ...blocks].join("\n");
}

/** The addresses of a subnet that EC2 gives nobody (AWS: "Subnet CIDR blocks"). */
function keptByEc2(subnet: CidrRange): CidrRange[] {
  const bits = addressBits(subnet);
  const addresses = [0n, 1n, 2n, 3n].map((at) => addressAt(subnet, at));
  return [...addresses, cidrRangeLast(subnet)].map((base): CidrRange =>
    typeof base === "bigint" ? { base, length: bits } : { base, length: bits },
  );
}
