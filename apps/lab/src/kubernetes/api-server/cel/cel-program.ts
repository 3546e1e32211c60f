import type { Environment } from "@marcbachmann/cel-js";

/** What an expression may speak of, as the language has it: see cel-value.ts. */
export type CelNames = Readonly<Record<string, unknown>>;

export type CelResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** A compiled expression of the Common Expression Language. */
export interface CelProgram {
  /** What is wrong with the expression, in one line; each run then says so. */
  readonly fault: string | undefined;
  run(names: CelNames): CelResult;
}

export function compiledIn(environment: Environment, expression: string): CelProgram {
  try {
    const evaluate = environment.parse(expression);
    return {
      fault: undefined,
      run(names) {
        try {
          return { ok: true, value: evaluate(names) as unknown };
        } catch (cause) {
          return { ok: false, why: firstLine(cause) };
        }
      },
    };
  } catch (cause) {
    return faulty(firstLine(cause));
  }
}

/** An expression that cannot be run. */
export function faulty(why: string): CelProgram {
  return { fault: why, run: () => ({ ok: false, why }) };
}

export function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "";
}
