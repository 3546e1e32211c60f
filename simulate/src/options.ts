import { parseArgs } from "node:util";
import { isFaultKind, parseSteps, type FaultKind } from "@slash28/simulation";

export const OUTPUTS = ["text", "json"] as const;
export type Output = (typeof OUTPUTS)[number];

export type Options =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly why: string }
  | { readonly kind: "seeds"; readonly from: number; readonly count: number; readonly steps: number; readonly output: Output }
  | {
      readonly kind: "replay";
      readonly seed: number;
      readonly steps: number;
      /** Absent: the seed's own. */
      readonly faults?: readonly FaultKind[];
      readonly only?: readonly number[];
      readonly bug?: string;
      readonly output: Output;
    }
  | { readonly kind: "planted-bugs"; readonly from: number; readonly seeds: number; readonly steps: number; readonly output: Output };

const SEEDS = 50;
const STEPS = 20_000;

export function parseOptions(args: readonly string[]): Options {
  const given = read(args);
  if (typeof given === "string") return wrong(given);
  if (given.help === true) return { kind: "help" };
  const output = OUTPUTS.find((name) => name === (given.output ?? "text"));
  if (output === undefined) return wrong(`--output is one of ${OUTPUTS.join(", ")}, not ${given.output}`);
  const seeds = count(given.seeds, SEEDS);
  const steps = count(given.steps, STEPS);
  const from = count(given.from, 1);
  if (seeds === undefined || steps === undefined || from === undefined)
    return wrong("--seeds, --steps and --from are whole numbers above 0");
  if (given["planted-bugs"] === true) return { kind: "planted-bugs", from, seeds, steps, output };
  if (given.seed === undefined) return { kind: "seeds", from, count: seeds, steps, output };
  return replay(given, steps, output);
}

function replay(given: Given, steps: number, output: Output): Options {
  const seed = count(given.seed, undefined);
  if (seed === undefined) return wrong(`--seed is a whole number above 0, not ${given.seed}`);
  const faults = given.faults === undefined || given.faults === "" ? [] : given.faults.split(",");
  const strange = faults.find((kind) => !isFaultKind(kind));
  if (strange !== undefined) return wrong(`there is no fault ${JSON.stringify(strange)}; --help lists them`);
  const only = given.only === undefined ? undefined : parseSteps(given.only);
  if (given.only !== undefined && only === undefined) return wrong("--only is a list of steps such as 3,17-20");
  return {
    kind: "replay",
    seed,
    steps,
    output,
    ...(given.faults === undefined ? {} : { faults: faults.filter(isFaultKind) }),
    ...(only === undefined ? {} : { only }),
    ...(given.bug === undefined ? {} : { bug: given.bug }),
  };
}

const OPTIONS = {
  seeds: { type: "string" },
  from: { type: "string" },
  steps: { type: "string" },
  seed: { type: "string" },
  faults: { type: "string" },
  only: { type: "string" },
  bug: { type: "string" },
  "planted-bugs": { type: "boolean" },
  output: { type: "string", short: "o" },
  help: { type: "boolean", short: "h" },
} as const;

type Given = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

function read(args: readonly string[]): Given | string {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function count(text: string | undefined, absent: number | undefined): number | undefined {
  if (text === undefined) return absent;
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function wrong(why: string): Options {
  return { kind: "wrong", why };
}
