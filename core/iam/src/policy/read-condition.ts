import { ok, type Result } from "../result.ts";
import { CONDITION_OPERATORS, type ConditionOperator, type ConditionTest } from "./document.ts";
import { instantOf } from "./instant.ts";
import { ipRange } from "./ip-range.ts";
import { isRecord, malformed } from "./read-json.ts";

const BY_LOWER_CASE = new Map(CONDITION_OPERATORS.map((operator) => [operator.toLowerCase(), operator]));

/** Reads a statement's `Condition`: operator → key → one value or several. */
export function readConditions(json: unknown): Result<readonly ConditionTest[]> {
  if (json === undefined) return ok([]);
  if (!isRecord(json)) return malformed("Syntax errors in policy. Condition must be an object");
  const tests: ConditionTest[] = [];
  for (const [name, block] of Object.entries(json)) {
    const operator = readOperator(name);
    if (operator === undefined) return malformed(`Invalid Condition type : ${name}.`);
    if (!isRecord(block)) return malformed("Syntax errors in policy. A condition operator must hold an object of condition keys");
    for (const [key, raw] of Object.entries(block)) {
      if (!/^[^:\s]+:.+$/s.test(key)) return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
      const values = conditionValues(raw);
      if (values === undefined) return malformed(`Syntax errors in policy. The values of condition key ${key} must be strings`);
      const wrong = values.find((value) => !isValueOf(operator.operator, value));
      if (wrong !== undefined) return malformed(`Invalid value ${JSON.stringify(wrong)} for condition operator ${name}.`);
      tests.push({ ...operator, key: key.toLowerCase(), values });
    }
  }
  return ok(tests);
}

function readOperator(name: string): Omit<ConditionTest, "key" | "values"> | undefined {
  const match = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/i.exec(name);
  if (match === null) return undefined;
  const operator = BY_LOWER_CASE.get((match[2] ?? "").toLowerCase());
  if (operator === undefined || (operator === "Null" && match[3] !== undefined)) return undefined;
  const set = match[1]?.toLowerCase();
  return {
    operator,
    ifExists: match[3] !== undefined,
    ...(set === undefined ? {} : { set: set === "foranyvalue" ? ("any" as const) : ("all" as const) }),
  };
}

/** IAM takes booleans and numbers where a string is meant. */
function conditionValues(raw: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  if (list.some((value) => !["string", "boolean", "number"].includes(typeof value))) return undefined;
  return list.map(String);
}

function isValueOf(operator: ConditionOperator, value: string): boolean {
  if (value.includes("${")) return true;
  if (operator.startsWith("Numeric")) return /^[+-]?\d+(?:\.\d+)?$/.test(value);
  if (operator.startsWith("Date")) return instantOf(value) !== undefined;
  if (operator.endsWith("IpAddress")) return ipRange(value) !== undefined;
  if (operator === "Bool" || operator === "Null") return /^(?:true|false)$/i.test(value);
  return true;
}
