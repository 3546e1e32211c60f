import { FAULT_KINDS, INVARIANTS } from "@slash28/simulation";
import { PLANTED_BUGS } from "./planted/planted-bugs.ts";

export function helpText(): string {
  return `Usage: npm run simulate-faults -- [options]

Runs the real node agent in a simulated world that breaks, and checks after every step what must hold. A failing seed is made smaller and
printed as a command that replays it.

Options:
  --seeds <n>            how many seeds (50)
  --from <n>             the first of them (1)
  --steps <n>            steps of each (20000)
  --seed <n>             replay one seed and print its trace; with --steps, and with
    --faults <kinds>       only these faults, separated by commas; "" for none
    --only <steps>         pods and faults in these steps only: 3,17-20
    --bug <name>           with a planted bug
  --planted-bugs         plant each known mistake in turn, and tell how many steps it takes to be found; with --from, --seeds, --steps
  -o, --output <format>  text or json
  -h, --help

Faults:
${list(Object.entries(FAULT_KINDS))}
What must hold:
${list(Object.entries(INVARIANTS))}
Planted bugs:
${list(PLANTED_BUGS.map(({ name, about }) => [name, about]))}
Examples:
  npm run simulate-faults
  npm run --silent simulate-faults -- --seeds 5 --steps 2000 -o json
  npm run simulate-faults -- --seed 17 --steps 400
  npm run --silent simulate-faults -- --planted-bugs -o json
`;
}

function list(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length)) + 2;
  return entries.map(([name, about]) => `  ${name.padEnd(width)}${about}\n`).join("");
}
