import { Command, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  aggregateCidrRanges,
  cidrRangeContains,
  cidrRangesOverlap,
  countCidrRangePieces,
  formatCidrRange,
  splitCidrRange,
  type CidrRange,
} from "@slash28/address";
import { rangeRow, rangeTable } from "../cidr/range-row.ts";
import { readLength, readRange } from "../cidr/read-ranges.ts";
import { CommandError, OUTPUT_FORMATS, printResult, usageError, type OutputFormat } from "../output/index.ts";
import { cidrFreeCommand } from "./cidr-free.ts";
import type { CommandContext } from "./command-context.ts";

/** More pieces than anyone reads; what asks for them is a slip. */
const PIECES_MAX = 65_536n;
const QUIET = "print nothing; the exit code answers: 0 yes, 1 no";

/** `slash28 cidr …`: arithmetic of ranges, by EC2's rules where it has some. */
export function cidrCommand(context: CommandContext): Command {
  return new Command("cidr")
    .description("CIDR ranges of IPv4 and IPv6: split, compare, find free ones, aggregate.")
    .addCommand(split(context))
    .addCommand(contains(context))
    .addCommand(overlap(context))
    .addCommand(cidrFreeCommand(context))
    .addCommand(aggregate(context));
}

function split({ terminal }: CommandContext): CommandUnknownOpts {
  return new Command("split")
    .description("Cuts a range into equal ones. A subnet of EC2 is a /16 to a /28, and gives out all of its addresses but five.")
    .argument("<range>", "such as 10.0.0.0/16")
    .option("--into <count>", "this many pieces; the next power of two is made, and what is beyond the count is told as left over")
    .option("--length <n>", "pieces of this prefix length")
    .addOption(outputOption())
    .action((text, { into, length, output }) => {
      const range = readRange(text);
      if ((into === undefined) === (length === undefined)) throw usageError("give --into <count> or --length <n>");
      const wanted = into === undefined ? undefined : readCount(into);
      const pieces = piecesOf(
        range,
        wanted === undefined ? readLength(length ?? "", [range]) : range.length + Math.ceil(Math.log2(wanted)),
      );
      const taken = pieces.slice(0, wanted);
      const leftOver = aggregateCidrRanges(pieces.slice(taken.length));
      const result = { pieces: taken.map(rangeRow), leftOver: leftOver.map(formatCidrRange) };
      printResult(terminal, output, result, () =>
        [rangeTable(result.pieces), ...(leftOver.length === 0 ? [] : ["", `left over: ${result.leftOver.join(", ")}`])].join("\n"),
      );
    })
    .addHelpText(
      "after",
      `
Examples:
  slash28 cidr split 10.0.0.0/16 --length 20
  slash28 cidr split 100.64.0.0/16 --into 3          three /18, and one left over
  slash28 cidr split 2600:1f18:0:1200::/56 --into 4 -o json`,
    );
}

function contains({ terminal }: CommandContext): CommandUnknownOpts {
  return new Command("contains")
    .description("Whether one range holds all of another. Exits with 0 either way, unless --quiet.")
    .argument("<outer>", "a range")
    .argument("<inner>", "a range or an address")
    .option("-q, --quiet", QUIET)
    .addOption(outputOption())
    .action((outerText, innerText, { quiet, output }) => {
      const [outer, inner] = [readRange(outerText), readRange(innerText)];
      const isContained = cidrRangeContains(outer, inner);
      if (quiet === true) return answerByExitCode(isContained);
      const result = { outer: formatCidrRange(outer), inner: formatCidrRange(inner), contains: isContained };
      printResult(terminal, output, result, () =>
        isContained ? `yes: ${result.outer} contains ${result.inner}` : `no: ${result.outer} does not contain ${result.inner}`,
      );
    })
    .addHelpText(
      "after",
      `
Examples:
  slash28 cidr contains 10.0.0.0/16 10.0.3.17
  if slash28 cidr contains --quiet 100.64.0.0/10 "$POD_IP"; then echo 'not routable outside the VPC'; fi`,
    );
}

function overlap({ terminal }: CommandContext): CommandUnknownOpts {
  return new Command("overlap")
    .description("Which of several ranges share addresses, pair by pair. Exits with 0 either way, unless --quiet.")
    .argument("<ranges...>", "two ranges or more")
    .option("-q, --quiet", QUIET)
    .addOption(outputOption())
    .action((texts, { quiet, output }) => {
      const ranges = texts.map(readRange);
      if (ranges.length < 2) throw usageError("overlap compares two ranges or more");
      const pairs = overlappingPairs(ranges);
      if (quiet === true) return answerByExitCode(pairs.length > 0);
      const result = { overlap: pairs.length > 0, pairs };
      printResult(terminal, output, result, () =>
        pairs.length === 0 ? "no: none of them overlap" : pairs.map(({ a, b, shared }) => `${a} and ${b} share ${shared}`).join("\n"),
      );
    })
    .addHelpText(
      "after",
      `
Examples:
  slash28 cidr overlap 10.0.0.0/16 10.0.128.0/17 172.16.0.0/12
  slash28 cidr overlap --quiet "$VPC" "$PEER" && echo 'cannot be peered'`,
    );
}

function aggregate({ terminal }: CommandContext): CommandUnknownOpts {
  return new Command("aggregate")
    .description("The fewest ranges that hold exactly the same addresses.")
    .argument("<ranges...>", "ranges and addresses, of either family")
    .addOption(outputOption())
    .action((texts, { output }) => {
      const ranges = aggregateCidrRanges(texts.map(readRange)).map(formatCidrRange);
      printResult(terminal, output, ranges, () => ranges.join("\n"));
    })
    .addHelpText(
      "after",
      `
Examples:
  slash28 cidr aggregate 10.0.0.0/25 10.0.0.128/25 10.0.1.0/24`,
    );
}

function outputOption(): Option<"-o, --output <format>", undefined, "table", undefined, false, OutputFormat> {
  return new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const);
}

function readCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,6}$/.test(text) || count === 0) throw usageError(`${JSON.stringify(text)} is no count of pieces: give a whole number from 1`);
  return count;
}

function piecesOf(range: CidrRange, length: number): readonly CidrRange[] {
  const count = countCidrRangePieces(range, length);
  const text = formatCidrRange(range);
  if (count === 0n) throw usageError(`${text} has no pieces of /${length}: give a length from ${range.length} up to that of one address`);
  if (count > PIECES_MAX) throw usageError(`${text} has ${count} pieces of /${length}, more than the ${PIECES_MAX} that are printed`);
  return [...splitCidrRange(range, length)];
}

interface OverlappingPair {
  readonly a: string;
  readonly b: string;
  readonly shared: string;
}

/** Two ranges that share an address nest: what they share is the longer one. */
function overlappingPairs(ranges: readonly CidrRange[]): readonly OverlappingPair[] {
  return ranges.flatMap((a, at) =>
    ranges
      .slice(at + 1)
      .filter((b) => cidrRangesOverlap(a, b))
      .map((b) => ({ a: formatCidrRange(a), b: formatCidrRange(b), shared: formatCidrRange(a.length >= b.length ? a : b) })),
  );
}

function answerByExitCode(isSo: boolean): void {
  if (!isSo) throw new CommandError("", 1);
}
