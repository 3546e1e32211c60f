import { Environment } from "@marcbachmann/cel-js";

import { compiledIn, faulty, firstLine, type CelNames, type CelProgram } from "../cel/cel-program.ts";
import { celValue } from "../cel/cel-value.ts";

const EXPRESSION_MAX = 10_000;
const VARIABLES = ["object", "oldObject", "request", "params", "namespaceObject", "variables"];

const environment = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true });
for (const name of VARIABLES) environment.registerVariable(name, "dyn");

/** Reads an expression of a webhook or policy, which speaks of plain data. */
export function compileCel(expression: string): CelProgram {
  if (expression.length > EXPRESSION_MAX) return faulty(`the expression is longer than ${EXPRESSION_MAX} characters`);
  const checked = environment.check(expression);
  if (!checked.valid) return faulty(firstLine(checked.error));
  const program = compiledIn(environment, expression);
  return { fault: program.fault, run: (names) => program.run(celNames(names)) };
}

/** What is missing is null. */
function celNames(names: CelNames): CelNames {
  return Object.fromEntries(Object.entries(names).map(([name, value]) => [name, value === undefined ? null : celValue(value)]));
}
