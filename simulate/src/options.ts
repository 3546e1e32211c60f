import { parseArgs } from "node:util";
import { ALL_FAULTS, isFaultKind, parseSteps, type FaultKind } from "@slash28/simulation";

/** What `npm run simulate-faults` is asked for. */
export interface SimulateOptions {
  readonly first: number;
  readonly seeds: number;
  readonly steps: number;
  readonly output: "table" | "json";
  /** The only steps that may ask or break something, and the only kinds of fault: how a smaller run is replayed. */
  readonly only?: readonly number[];
  readonly faults?: readonly FaultKind[];
  /** The whole trace on stderr: of one seed. */
  readonly isTraced: boolean;
}

export type ParsedOptions =
  | { readonly kind: "run"; readonly options: SimulateOptions }
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string };

export const HELP = `npm run simulate-faults -- [--seeds N] [--steps N] [--seed N] [-o table|json]

Runs the real node agent in a simulated world that breaks, and checks after every step that it held.

  --seeds N    how many worlds, from seed 1 on (50)
  --steps N    how long each is (20000)
  --seed N     only this one, with its trace on stderr
  --only LIST  only these steps ask or break something, such as 3,17-20
  --faults LIST  only these kinds of fault
  -o, --output table or json

A world that breaks the agent is printed with the command that replays it; the exit code is then 1.
Examples:
  npm run simulate-faults -- --seeds 50 --steps 20000 -o json
  npm run simulate-faults -- --seed 17 --steps 3000`;

/** Reads the command line. Numbers are whole and positive. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string", default: "50" },
        steps: { type: "string", default: "20000" },
        seed: { type: "string" },
        only: { type: "string" },
        faults: { type: "string" },
        output: { type: "string", short: "o", default: "table" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { kind: "help" };
    if (values.output !== "table" && values.output !== "json")
      return { kind: "mistake", message: `no output ${values.output}; there is table and json` };
    const seed = values.seed === undefined ? undefined : whole("--seed", values.seed);
    const options = {
      first: seed ?? 1,
      seeds: seed === undefined ? whole("--seeds", values.seeds) : 1,
      steps: whole("--steps", values.steps),
      output: values.output,
      isTraced: seed !== undefined,
      ...(values.only === undefined ? {} : { only: stepsOf(values.only) }),
      ...(values.faults === undefined ? {} : { faults: faultsOf(values.faults) }),
    } as const;
    return { kind: "run", options };
  } catch (cause) {
    return { kind: "mistake", message: cause instanceof Error ? cause.message : String(cause) };
  }
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(`${name} ${text}: give a whole number from 1`);
  return Number(text);
}

function stepsOf(text: string): readonly number[] {
  const steps = parseSteps(text);
  if (steps === undefined) throw new RangeError(`--only ${text}: give steps such as 3,17-20`);
  return steps;
}

function faultsOf(text: string): readonly FaultKind[] {
  return text.split(",").map((kind) => {
    if (!isFaultKind(kind)) throw new RangeError(`--faults ${kind}: there is ${ALL_FAULTS.join(", ")}`);
    return kind;
  });
}
