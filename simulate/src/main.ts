import { formatSteps, minimise, scenarioOf, type RunPlan, type Violation } from "@slash28/simulation";
import { HELP, parseOptions, type SimulateOptions } from "./options.ts";
import { runPlan } from "./run/run-plan.ts";

interface Broken {
  readonly seed: number;
  readonly violation: Violation;
  readonly replay: string;
}

const parsed = parseOptions(process.argv.slice(2));
switch (parsed.kind) {
  case "help":
    process.stdout.write(`${HELP}\n`);
    break;
  case "mistake":
    process.stderr.write(`simulate-faults: ${parsed.message}\n(add --help for the options and examples)\n`);
    process.exitCode = 2;
    break;
  case "run":
    process.exitCode = await simulate(parsed.options);
    break;
  default:
    parsed satisfies never;
}

async function simulate(options: SimulateOptions): Promise<number> {
  const broken: Broken[] = [];
  let steps = 0;
  for (let seed = options.first; seed < options.first + options.seeds; seed++) {
    const only = options.only === undefined ? {} : { only: options.only };
    const plan: RunPlan = { seed, steps: options.steps, faults: options.faults ?? scenarioOf(seed).faults, ...only };
    const trace = options.isTraced ? { trace: (line: string) => void process.stderr.write(`${line}\n`) } : {};
    const result = await runPlan(plan, trace);
    steps += result.steps;
    if (result.violation !== undefined) broken.push(await explain(plan, result.violation));
    else if (!options.isTraced) process.stderr.write(`seed ${seed}: ${result.steps} steps held\n`);
  }
  const report = { seeds: options.seeds, steps, violations: broken };
  process.stdout.write(options.output === "json" ? `${JSON.stringify(report, null, 2)}\n` : table(report));
  return broken.length === 0 ? 0 : 1;
}

/** The smallest run found that breaks as well. */
async function explain(plan: RunPlan, violation: Violation): Promise<Broken> {
  const small = await minimise(plan, async (candidate) => {
    const result = await runPlan(candidate);
    return result.violation === undefined ? undefined : { step: result.steps, acts: result.acts };
  });
  const faults = small.faults.length === 0 ? "" : ` --faults ${small.faults.join(",")}`;
  const only = small.only === undefined ? "" : ` --only ${formatSteps(small.only)}`;
  return { seed: plan.seed, violation, replay: `npm run simulate-faults -- --seed ${plan.seed} --steps ${small.steps}${faults}${only}` };
}

function table({
  seeds,
  steps,
  violations,
}: {
  readonly seeds: number;
  readonly steps: number;
  readonly violations: readonly Broken[];
}): string {
  const lines = violations.map(({ seed, violation, replay }) => `seed ${seed}: ${violation.invariant}: ${violation.text}\n  ${replay}`);
  return `${[...lines, `${seeds} seeds, ${steps} steps, ${violations.length} violations`].join("\n")}\n`;
}
