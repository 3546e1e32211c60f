import { INVARIANTS, scenarioOf, type RunPlan } from "@slash28/simulation";
import { helpText } from "./help.ts";
import { parseOptions, type Options } from "./options.ts";
import { PLANTED_BUGS } from "./planted/planted-bugs.ts";
import { countsText, runPlan } from "./run/run-plan.ts";
import { reportOf } from "./run/seeds-report.ts";
import { createTraceLog } from "./run/trace-log.ts";
import { performAll, serveTasks } from "./work/crew.ts";
import { Progress } from "./work/progress.ts";
import type { HuntTask, SeedTask } from "./work/task.ts";

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

type Of<K extends Options["kind"]> = Extract<Options, { kind: K }>;

const program = new URL(import.meta.url);
/** As shells report a program that Ctrl-C ended. */
const INTERRUPTED = 130;

function progressOf(of: string, total: number): Progress {
  const write = (text: string): void => void process.stderr.write(text);
  return new Progress({ of, total, write, isTerminal: process.stderr.isTTY, now: () => performance.now() });
}

/** Aborts at Ctrl-C, so that what is done can still be told. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

async function seeds({ from, count, steps, output }: Of<"seeds">): Promise<number> {
  const tasks = Array.from({ length: count }, (_, index): SeedTask => ({ kind: "seed", seed: from + index, steps }));
  const progress = progressOf("seeds", count);
  const signal = interruption();
  const results = await performAll(tasks, {
    program,
    signal,
    onDone: ({ seed, steps: taken, violation }) => {
      if (violation !== undefined) progress.say(`seed ${seed}, step ${taken}: ${violation.text}`);
      progress.done(taken);
    },
  });
  progress.end();
  const report = reportOf(results);
  if (output === "json") {
    const isInterrupted = signal.aborted ? { interrupted: true } : {};
    print(JSON.stringify({ ...report, violations: report.violations.length, ...isInterrupted, failures: report.violations }));
  } else {
    for (const { seed, step, invariant, text, replay } of report.violations)
      print(`seed ${seed}, step ${step}: ${INVARIANTS[invariant]}\n  ${text}\n  ${replay}`);
    if (signal.aborted) print(`interrupted: ${count - report.seeds} of ${count} seeds were not run to their end`);
    print(`${report.seeds} seeds, ${report.steps} steps (${countsText(report.counts)}), ${report.violations.length} violations`);
  }
  if (report.violations.length > 0) return 1;
  return signal.aborted ? INTERRUPTED : 0;
}

async function replay({ seed, steps, faults, only, bug: name, output }: Of<"replay">): Promise<number> {
  const bug = PLANTED_BUGS.find((each) => each.name === name);
  if (name !== undefined && bug === undefined) {
    say(`simulate-faults: there is no planted bug ${JSON.stringify(name)}; see --help`);
    return 2;
  }
  const scenario = scenarioOf(seed);
  const plan: RunPlan = { seed, steps, faults: faults ?? scenario.faults, ...(only === undefined ? {} : { only }) };
  const isText = output === "text";
  if (isText) print(JSON.stringify(scenario));
  const trace = isText ? { trace: print, log: createTraceLog(print) } : {};
  const { violation, digest, counts, steps: taken } = await runPlan(plan, { ...trace, ...(bug === undefined ? {} : { bug }) });
  if (!isText) {
    const failures = violation === undefined ? [] : [{ ...violation, seed, step: taken }];
    print(JSON.stringify({ seeds: 1, steps: taken, violations: failures.length, seed, digest, counts, failures }));
  } else if (violation === undefined) print(`no violation in ${taken} steps (${countsText(counts)}); trace ${digest}`);
  else print(`step ${taken}: ${violation.invariant}: ${violation.text}`);
  return violation === undefined ? 0 : 1;
}

async function plantedBugs({ from, seeds: most, steps, output }: Of<"planted-bugs">): Promise<number> {
  const tasks = PLANTED_BUGS.map(({ name }): HuntTask => ({ kind: "hunt", bug: name, from, seeds: most, steps }));
  const progress = progressOf("planted bugs", tasks.length);
  const signal = interruption();
  const reports = await performAll(tasks, { program, signal, onDone: (report) => progress.done(report.steps) });
  progress.end();
  const missed = reports.filter(({ caught }) => !caught).length;
  if (output === "json") print(JSON.stringify(reports));
  else {
    for (const { bug, caught, steps: taken, by, seed } of reports)
      print(`${bug.padEnd(32)}${caught ? `caught after ${taken} steps, in seed ${seed}, by "${by}"` : `not caught in ${taken} steps`}`);
    print(`${reports.length - missed} of ${PLANTED_BUGS.length} planted bugs caught`);
  }
  if (missed > 0) return 1;
  return signal.aborted ? INTERRUPTED : 0;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  switch (options.kind) {
    case "help":
      process.stdout.write(helpText());
      return 0;
    case "wrong":
      say(`simulate-faults: ${options.why}; see --help`);
      return 2;
    case "seeds":
      return seeds(options);
    case "replay":
      return replay(options);
    case "planted-bugs":
      return plantedBugs(options);
    default:
      return options satisfies never;
  }
}

if (!serveTasks()) process.exitCode = await main();
