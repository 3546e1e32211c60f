import { Command, Option } from "@commander-js/extra-typings";
import { forecast, type FreeCount } from "@slash28/advisor";
import { forecastText } from "../forecast/forecast-text.ts";
import { historyOfCsv } from "../forecast/history-csv.ts";
import { countsOfSnapshot } from "../forecast/snapshot-counts.ts";
import { OUTPUT_FORMATS, printResult, usageError } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 forecast`: when each subnet runs out of addresses, from what was counted before. */
export function forecastCommand({ terminal }: CommandContext): Command {
  const command = new Command("forecast")
    .description(
      "When each subnet runs out of addresses: the trend of its free addresses over snapshots or over a history, with an interval where there are counts enough.",
    )
    .option("--snapshot <folder...>", "snapshots of slash28 snapshot, two or more")
    .option("--history <file>", "CSV with the columns time, subnet and free")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(({ snapshot, history, output }) => {
      const counts = countsOf(snapshot, history);
      const forecasts = forecast(counts);
      printResult(terminal, output, forecasts, () => forecastText(forecasts));
    });
  command.addHelpText(
    "after",
    `
Examples:
  slash28 forecast --snapshot monday --snapshot tuesday --snapshot friday
  slash28 forecast --history free-addresses.csv
  slash28 forecast --history free-addresses.csv -o json | jq '.[] | select(.outlook.kind == "runs-out")'`,
  );
  return command;
}

function countsOf(snapshots: readonly string[] | undefined, history: string | undefined): readonly FreeCount[] {
  if (snapshots === undefined && history === undefined)
    throw usageError("from what? name two or more folders with --snapshot, or a file with --history");
  const all = [...(snapshots ?? []).flatMap(countsOfSnapshot), ...(history === undefined ? [] : historyOfCsv(history))];
  const bySubnet = new Set(all.map(({ subnet }) => subnet));
  if (new Set(all.map(({ atMs }) => atMs)).size < 2) throw usageError("one count tells no trend; give snapshots of two moments at least");
  if (bySubnet.size === all.length)
    throw usageError("no subnet is in two of them; redacted snapshots have other names each time and cannot be compared");
  return all;
}
