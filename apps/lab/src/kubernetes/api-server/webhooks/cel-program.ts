import { Environment } from "@marcbachmann/cel-js";
import { isFields } from "@slash28/kube-store";

/** What an expression may speak of; all of it plain data. */
export type CelNames = Readonly<Record<string, unknown>>;

export type CelResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** A compiled expression of the Common Expression Language. */
export interface CelProgram {
  run(names: CelNames): CelResult;
}

const EXPRESSION_MAX = 10_000;
const VARIABLES = ["object", "oldObject", "request", "params", "namespaceObject", "variables"];

const environment = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true });
for (const name of VARIABLES) environment.registerVariable(name, "dyn");

/** Reads an expression; a fault is told in one line. */
export function compileCel(expression: string): CelProgram | { readonly fault: string } {
  if (expression.length > EXPRESSION_MAX) return { fault: `the expression is longer than ${EXPRESSION_MAX} characters` };
  try {
    const checked = environment.check(expression);
    if (!checked.valid) return { fault: firstLine(checked.error) };
    const evaluate = environment.parse(expression);
    return {
      run(names) {
        try {
          return { ok: true, value: evaluate(celNames(names)) as unknown };
        } catch (cause) {
          return { ok: false, why: firstLine(cause) };
        }
      },
    };
  } catch (cause) {
    return { fault: firstLine(cause) };
  }
}

export function isProgram(compiled: CelProgram | { readonly fault: string }): compiled is CelProgram {
  return "run" in compiled;
}

function celNames(names: CelNames): Record<string, unknown> {
  return Object.fromEntries(Object.entries(names).map(([name, value]) => [name, celValue(value)]));
}

/** JSON has one kind of number, the language two: whole numbers are its `int`. What is missing is null. */
function celValue(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(celValue);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, celValue(field)]),
  );
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "";
}
