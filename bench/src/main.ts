import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { playRole } from "./api-server/play-role.ts";
import { roleOf } from "./api-server/roles.ts";
import { BENCHES } from "./benches.ts";
import { dayOf, playDay } from "./fleet-simulation/play-day.ts";
import { figureTable } from "./figures/figure-table.ts";
import { machineText, thisMachine } from "./figures/machine.ts";
import { reportJson, type Report } from "./figures/report.ts";
import { removeLeftovers } from "./leftovers.ts";
import { parseOptions, type Output } from "./options.ts";
import { loadOrder, runLoad } from "./parts/http-load.ts";
import { runBenches, type Current } from "./run-benches.ts";

const program = fileURLToPath(import.meta.url);
const dist = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../.cache/bench/", import.meta.url));
/** What a shell gives for a program that Ctrl-C ended. */
const INTERRUPTED = 130;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

function help(): string {
  const lines = BENCHES.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`);
  return `Usage: npm run bench -- [options]

Measures and prints a table; progress goes to stderr. The same as JSON is written to .cache/bench/latest.json.
A figure that misses its aim fails nothing.

Options:
  --only <names>         only these, separated by commas
  -o, --output <format>  table or json
  -h, --help

Benchmarks:
${lines.join("\n")}

Examples:
  npm run bench
  npm run bench -- --only allocator,cni
  npm run bench -- --only fleet-simulation-large   # minutes long: only when named
  npm run --silent bench -- -o json | jq '.results[].figures[] | select(.met == false)'
`;
}

async function measure(names: readonly string[], output: Output): Promise<number> {
  const current: Current = {};
  const end = (code: number): void => {
    say("cleaning up …");
    current.isStopped = true;
    void (current.undo?.run() ?? Promise.resolve()).then(() => process.exit(code));
  };
  process.once("SIGINT", () => end(INTERRUPTED)).once("SIGTERM", () => end(INTERRUPTED));
  process.once("uncaughtException", (bug) => {
    say(bug.stack ?? bug.message);
    end(1);
  });
  removeLeftovers({ cache, dist });
  const measuredAt = new Date().toISOString();
  const machine = thisMachine();
  const chosen = BENCHES.filter(({ name }) => names.includes(name));
  const results = await runBenches(chosen, { say, cache, program, dist }, current);
  // Cleaning up goes on and ends the process.
  if (current.isStopped === true) return await new Promise(() => undefined);
  const report: Report = { measuredAt, machine, results };
  const json = reportJson(report);
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "latest.json"), `${json}\n`);
  process.stdout.write(output === "json" ? `${json}\n` : `${machineText(machine)}\n\n${figureTable(report)}\n`);
  return results.some(({ outcome }) => outcome.kind === "failed") ? 1 : 0;
}

async function main(): Promise<number> {
  const options = parseOptions(
    process.argv.slice(2),
    BENCHES.map(({ name }) => name),
    BENCHES.filter(({ isLong }) => isLong !== true).map(({ name }) => name),
  );
  switch (options.kind) {
    case "help":
      process.stdout.write(help());
      return 0;
    case "wrong":
      say(`bench: ${options.why}; see --help`);
      return 2;
    case "run":
      return await measure(options.benches, options.output);
    default:
      return options satisfies never;
  }
}

const load = loadOrder(process.env);
const role = roleOf(process.env);
const day = dayOf(process.env);
if (role !== undefined) await playRole(role);
else if (day !== undefined) playDay(day);
else if (load !== undefined) await runLoad(load);
else process.exit(await main());
