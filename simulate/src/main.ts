import { INVARIANTS, scenarioOf, type RunPlan } from "@slash28/simulation";
import { helpText } from "./help.ts";
import { parseOptions, type Options } from "./options.ts";
import { huntBug, PLANTED_BUGS } from "./planted/planted-bugs.ts";
import { runPlan } from "./run/run-plan.ts";
import { runSeeds } from "./run/run-seeds.ts";
import { createTraceLog } from "./run/trace-log.ts";

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

type Of<K extends Options["kind"]> = Extract<Options, { kind: K }>;

async function seeds({ from, count, steps, output }: Of<"seeds">): Promise<number> {
  const started = performance.now();
  const report = await runSeeds({
    from,
    count,
    steps,
    onSeed: (seed, taken) => {
      if ((seed - from + 1) % 10 === 0) say(`${seed - from + 1} of ${count} seeds, ${taken} steps`);
    },
  });
  const seconds = (performance.now() - started) / 1_000;
  say(`${Math.round(report.steps / seconds)} steps a second`);
  if (output === "json") print(JSON.stringify({ ...report, violations: report.violations.length, failures: report.violations }));
  else {
    for (const { seed, step, invariant, text, replay } of report.violations)
      print(`seed ${seed}, step ${step}: ${INVARIANTS[invariant]}\n  ${text}\n  ${replay}`);
    print(`${report.seeds} seeds, ${report.steps} steps, ${report.violations.length} violations`);
  }
  return report.violations.length === 0 ? 0 : 1;
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
  if (!isText) print(JSON.stringify({ seed, steps: taken, digest, counts, ...(violation === undefined ? {} : { violation }) }));
  else
    print(
      violation === undefined
        ? `no violation in ${taken} steps; trace ${digest}`
        : `step ${taken}: ${violation.invariant}: ${violation.text}`,
    );
  return violation === undefined ? 0 : 1;
}

async function plantedBugs({ seeds: most, steps, output }: Of<"planted-bugs">): Promise<number> {
  const reports = [];
  for (const bug of PLANTED_BUGS) {
    const report = await huntBug(bug, { seeds: most, steps });
    say(`${bug.name}: ${report.caught ? `caught after ${report.steps} steps by "${report.by}"` : `not caught in ${report.steps} steps`}`);
    reports.push(report);
  }
  const missed = reports.filter(({ caught }) => !caught).length;
  print(output === "json" ? JSON.stringify(reports) : `${reports.length - missed} of ${reports.length} planted bugs caught`);
  return missed === 0 ? 0 : 1;
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

process.exitCode = await main();
