import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseDuration } from "@slash28/cluster-file";
import { OUTPUT_FORMATS } from "../output/index.ts";
import { simulate } from "../simulate/simulate.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 simulate`: a cluster's addresses in virtual time, before they are real. */
export function simulateCommand(context: CommandContext): Command<[string | undefined]> {
  const command = new Command("simulate")
    .description(
      "A whole fleet in virtual time: who holds which addresses, what runs out and when, how long pods wait, what EC2 is asked. Ctrl-C prints what is done so far.",
    )
    .argument("[file]", "the cluster file (docs/cluster-file.md)")
    .option("--pods <file>", "a record instead of the file's workload: `kubectl get pods -A -o json`, or lines of time,+/-,count")
    .option("--set <path=value>", "another value for a field of the file; a name in capitals is a variable of aws-node", collect)
    .option("--sweep <path=values>", "a run for each value, 1..10 or 0,1,2 or 0..100/20; given again, for each combination", collect)
    .option("--compare <files...>", "runs beside one another, with what differs")
    .option("--seed <n>", "of the run's randomness; without it the file's", wholeNumber)
    .option("--duration <duration>", "how much time to simulate, such as 24h; without it the file's", duration)
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .option("--csv <file>", "write the time series, too; of a sweep, every figure of every run")
    .option("--report <file>", "write one HTML page with charts, too; with --compare the runs together")
    .option("--workers <n>", "runs at the same time; without it as many as processors", positive)
    .action((file, { duration: durationMs, set = [], sweep = [], workers = availableParallelism(), ...options }) =>
      simulate(context, file, { ...options, set, sweep, workers, durationMs }),
    );
  command.addHelpText(
    "after",
    `
Examples:
  slash28 simulate examples/fintech-180-nodes.yaml --report fintech.html
  slash28 simulate examples/warm-eni-50-nodes.yaml --set WARM_IP_TARGET=2 --set nodeGroups.general.nodes=80
  slash28 simulate --compare examples/warm-eni-50-nodes.yaml examples/warm-ip-50-nodes.yaml
  slash28 simulate examples/burst-of-five.yaml --sweep WARM_IP_TARGET=1..10 --sweep MINIMUM_IP_TARGET=null,4,8
  kubectl get pods -A -o json > pods.json; slash28 simulate cluster.yaml --pods pods.json -o json`,
  );
  return command;
}

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

function positive(text: string): number {
  const number = wholeNumber(text);
  if (number < 1 || number > 1_024) throw new InvalidArgumentError("It must be a number from 1 to 1024.");
  return number;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1_000) throw new InvalidArgumentError("It must be a number and its unit, such as 90m, 24h or 1h30m.");
  return ms;
}
