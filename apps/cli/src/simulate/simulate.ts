import type { FleetResult } from "@slash28/fleet";
import { parseFieldSetting } from "../cluster-file/field-setting.ts";
import { openClusterFile } from "../cluster-file/read-cluster-file.ts";
import type { CommandContext } from "../commands/command-context.ts";
import { CommandError, printResult, usageError, type OutputFormat } from "../output/index.ts";
import { comparisonPage } from "../report/comparison-page.ts";
import { reportPage } from "../report/report-page.ts";
import { sweepPage } from "../report/sweep-page.ts";
import { comparisonOf, comparisonText, type ComparedRun } from "./comparison.ts";
import { withFiles } from "./extra-files.ts";
import { INTERRUPTED, interruption } from "./interruption.ts";
import { runsProgress } from "./progress-bar.ts";
import { readPodRecord } from "./read-record.ts";
import { RefusedFleet } from "./run-fleet.ts";
import { FleetTooLarge, runFleets } from "./run-fleets.ts";
import { scenarioOf, type Scenario, type ScenarioOverrides } from "./scenario.ts";
import { comparedSeriesCsv, seriesCsv } from "./series-csv.ts";
import { summaryText } from "./summary-text.ts";
import { gridOf, parseSweep } from "./sweep.ts";
import { sweepCsv, sweepResult, sweepText } from "./sweep-table.ts";

export interface SimulateOptions {
  readonly pods?: string | undefined;
  readonly set: readonly string[];
  readonly sweep: readonly string[];
  readonly compare?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly output: OutputFormat;
  readonly csv?: string | undefined;
  readonly report?: string | undefined;
  readonly workers: number;
}

/** What the parts of one command share. */
interface Work {
  readonly context: CommandContext;
  readonly options: SimulateOptions;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** `slash28 simulate`: one run, some beside one another, or a grid of them. */
export async function simulate(context: CommandContext, file: string | undefined, options: SimulateOptions): Promise<void> {
  refuseContradictions(options);
  const { signal, release } = interruption();
  const work = { context, options, signal };
  try {
    if (options.compare !== undefined) return await compare(work, [...(file === undefined ? [] : [file]), ...options.compare]);
    if (file === undefined) throw usageError("give the cluster file to simulate, such as examples/warm-eni-50-nodes.yaml");
    await (options.sweep.length === 0 ? one(work, file) : sweep(work, file));
  } finally {
    release();
  }
}

function refuseContradictions({ compare, sweep }: SimulateOptions): void {
  if (compare !== undefined && sweep.length > 0)
    throw usageError("--compare and --sweep do not go together: compare files, or sweep over the settings of one");
}

async function one(work: Work, file: string): Promise<void> {
  const { context, options } = work;
  const scenario = scenarioOf(openClusterFile(file), settingsOf(options), overridesOf(options));
  await withFiles(options, async (write) => {
    const { results, isInterrupted } = await run(work, [scenario]);
    const [result] = results;
    if (result === undefined) throw new CommandError("", INTERRUPTED);
    write({ csv: () => seriesCsv(result), report: () => reportPage({ ...scenario, result }) });
    const { summary, nodeGroups, startHistogram } = result;
    printResult(context.terminal, options.output, { summary, nodeGroups, startHistogram }, () => summaryText(scenario.name, result));
    if (isInterrupted) throw new CommandError(interruptedText(result), INTERRUPTED);
  });
}

async function compare(work: Work, files: readonly string[]): Promise<void> {
  const { context, options } = work;
  if (files.length < 2) throw usageError(`--compare compares two files or more, and there is only ${files[0]}`);
  const overrides = overridesOf(options);
  const scenarios = files.map((file) => scenarioOf(openClusterFile(file), settingsOf(options), overrides));
  const names = scenarios.map(({ name, path }) => (scenarios.filter((other) => other.name === name).length > 1 ? path : name));
  await withFiles(options, async (write) => {
    const { results, isInterrupted } = await run(work, scenarios);
    const runs = scenarios.flatMap((scenario, at): ComparedRun[] => {
      const result = results[at];
      return result === undefined ? [] : [{ name: names[at] ?? scenario.path, file: scenario.path, scenario, result }];
    });
    const { terminal } = context;
    if (runs.length > 0) {
      write({ csv: () => comparedSeriesCsv(runs), report: () => comparisonPage(runs) });
      printResult(terminal, options.output, comparisonOf(runs), () => comparisonText(runs, terminal.colours.bold));
    }
    if (isInterrupted) throw new CommandError("interrupted: the runs did not come to their end", INTERRUPTED);
  });
}

async function sweep(work: Work, file: string): Promise<void> {
  const { context, options } = work;
  const sweeps = options.sweep.map(parseSweep);
  const fixed = settingsOf(options);
  const grid = gridOf(sweeps);
  const open = openClusterFile(file);
  const overrides = overridesOf(options);
  const scenarios = grid.map((settings) => scenarioOf(open, [...fixed, ...settings], overrides));
  await withFiles(options, async (write) => {
    const { results, isInterrupted } = await run(work, scenarios);
    const runs = grid.flatMap((settings, at) => {
      const summary = results[at]?.summary;
      return summary === undefined || summary.ranSeconds < summary.durationSeconds ? [] : [{ settings, summary }];
    });
    const [first] = scenarios;
    if (runs.length > 0 && first !== undefined) {
      write({ csv: () => sweepCsv(sweeps, runs), report: () => sweepPage(first, sweeps, runs) });
      printResult(context.terminal, options.output, sweepResult(sweeps, runs), () => sweepText(sweeps, runs));
    }
    if (isInterrupted) throw new CommandError(`interrupted: ${runs.length} of ${grid.length} runs are done`, INTERRUPTED);
  });
}

interface Ran {
  /** In order of the scenarios; `undefined` for a run that did not begin. */
  readonly results: readonly (FleetResult | undefined)[];
  readonly isInterrupted: boolean;
}

async function run({ context: { terminal, fleetWorker, watched }, options, signal }: Work, scenarios: readonly Scenario[]): Promise<Ran> {
  for (const note of new Set(scenarios.flatMap(({ notes }) => notes))) terminal.err(`note: ${note}`);
  const progress = runsProgress(scenarios.length, watched);
  try {
    const inputs = scenarios.map(({ input }) => input);
    const results = await runFleets(inputs, { program: fleetWorker, count: options.workers }, { onProgress: progress.tell, signal });
    return { results, isInterrupted: signal.aborted && results.some((result) => result === undefined || isPartial(result)) };
  } catch (cause) {
    throw toldFailure(cause, scenarios);
  } finally {
    progress.end();
  }
}

function isPartial({ summary: { ranSeconds, durationSeconds } }: FleetResult): boolean {
  return ranSeconds < durationSeconds;
}

function interruptedText({ summary: { ranSeconds, durationSeconds } }: FleetResult): string {
  return `interrupted: simulated ${ranSeconds} of ${durationSeconds} seconds`;
}

function toldFailure(cause: unknown, scenarios: readonly Scenario[]): unknown {
  const files = [...new Set(scenarios.map(({ path }) => path))].join(", ");
  if (cause instanceof RefusedFleet) return usageError(`${files}: ${cause.message}`);
  if (cause instanceof FleetTooLarge)
    return new CommandError(
      `${files}: this machine has not enough memory for so large a simulation; give a shorter --duration or --workers 1`,
    );
  return cause;
}

function settingsOf({ set }: SimulateOptions): ReturnType<typeof parseFieldSetting>[] {
  return set.map((text) => parseFieldSetting(text));
}

function overridesOf({ pods, seed, durationMs }: SimulateOptions): ScenarioOverrides {
  return { seed, durationMs, record: pods === undefined ? undefined : readPodRecord(pods) };
}
