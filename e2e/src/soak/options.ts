import { parseArgs } from "node:util";

export type SoakCommand =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly why: string }
  | { readonly kind: "run"; readonly kills: number; readonly nodes: number; readonly seed: number; readonly output: "text" | "json" };

const OPTIONS = {
  kills: { type: "string", default: "1000" },
  nodes: { type: "string", default: "4" },
  seed: { type: "string" },
  output: { type: "string", short: "o", default: "text" },
  help: { type: "boolean", short: "h" },
} as const;

const NODES_MAX = 16;

/** Reads the command line. `freshSeed` serves when none is given. */
export function parseCommand(args: readonly string[], freshSeed: number): SoakCommand {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false });
    if (values.help === true) return { kind: "help" };
    const kills = whole(values.kills);
    const nodes = whole(values.nodes);
    const seed = values.seed === undefined ? freshSeed : whole(values.seed);
    if (kills === undefined) return wrong(`--kills is a whole number above 0, not ${values.kills}`);
    if (nodes === undefined || nodes < 2 || nodes > NODES_MAX)
      return wrong(`--nodes is a whole number from 2 to ${NODES_MAX}, not ${values.nodes}`);
    if (seed === undefined) return wrong(`--seed is a whole number above 0, not ${values.seed}`);
    if (values.output !== "text" && values.output !== "json") return wrong(`--output is text or json, not ${values.output}`);
    return { kind: "run", kills, nodes, seed, output: values.output };
  } catch (cause) {
    return wrong(cause instanceof Error ? cause.message : String(cause));
  }
}

function whole(text: string): number | undefined {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function wrong(why: string): SoakCommand {
  return { kind: "wrong", why };
}

export const HELP = `Usage: npm run soak-kills -- [options]

Brings up a lab of its own, lets pods come, go and talk to one another, and kills the nodes' agents with SIGKILL at moments of chance: while they
start, while pods start and end, while pools grow and shrink. Half of the nodes keep single addresses warm, the other half prefixes. It counts
connections to running pods that failed, addresses with two owners at one time, and what is left over when everything is quiet again; exits 1 if
there was any. Ctrl-C ends the kills early, checks what was done, takes the lab down and tells; a second Ctrl-C leaves the checks out.

Options:
  --kills <n>            how many (1000)
  --nodes <n>            on how many nodes, 2 to ${NODES_MAX} (4)
  --seed <n>             chooses pods, moments and ids; times are the machine's, so a run is alike but not the same
  -o, --output <format>  text or json
  -h, --help

Examples:
  npm run soak-kills -- --kills 50
  npm run --silent soak-kills -- --kills 1000 --nodes 4 -o json
  npm run --silent soak-kills -- -o json | jq '.findings'
`;
