import { parseArgs } from "node:util";

export const OUTPUTS = ["table", "json"] as const;
export type Output = (typeof OUTPUTS)[number];

export type Options =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly why: string }
  | { readonly kind: "run"; readonly benches: readonly string[]; readonly output: Output };

/**
 * Reads the command line. `--only` may be given more than once; benchmarks run in the order of `known`, each once. Without it those of `usual` run.
 */
export function parseOptions(args: readonly string[], known: readonly string[], usual: readonly string[] = known): Options {
  const given = read(args);
  if (typeof given === "string") return { kind: "wrong", why: given };
  if (given.help === true) return { kind: "help" };
  const output = OUTPUTS.find((name) => name === (given.output ?? "table"));
  if (output === undefined) return { kind: "wrong", why: `--output is one of ${OUTPUTS.join(", ")}, not ${given.output}` };
  const asked = (given.only ?? []).flatMap((list) => list.split(",")).map((name) => name.trim());
  const strange = asked.find((name) => !known.includes(name));
  if (strange !== undefined)
    return { kind: "wrong", why: `there is no benchmark ${JSON.stringify(strange)}; there are ${known.join(", ")}` };
  return { kind: "run", benches: asked.length === 0 ? usual : known.filter((name) => asked.includes(name)), output };
}

interface Given {
  readonly only?: string[];
  readonly output?: string;
  readonly help?: boolean;
}

/** The values, or what is wrong with the command line. */
function read(args: readonly string[]): Given | string {
  try {
    const options = {
      only: { type: "string", multiple: true },
      output: { type: "string", short: "o" },
      help: { type: "boolean", short: "h" },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
