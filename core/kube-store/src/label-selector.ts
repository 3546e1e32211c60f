import { badRequest, fail, succeed, type Result } from "./failure.ts";
import { at, fieldsOf, listOf, textOf } from "./fields.ts";

export type Labels = Readonly<Record<string, string>>;

/** One demand on an object's labels. All demands of a selector must hold. */
export interface LabelDemand {
  readonly key: string;
  readonly operator: "in" | "not-in" | "exists" | "absent" | "greater" | "less";
  readonly values: readonly string[];
}

export type LabelSelector = readonly LabelDemand[];

const KEY = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const COMPARISON = /^([^=!<>\s]+)\s*(==|=|!=|<|>)\s*([^=!<>\s]*)$/;

/** Reads the query form: `app=web,tier in (a,b),!old,size>3`. */
export function parseLabelSelector(text: string): Result<LabelSelector> {
  const demands: LabelDemand[] = [];
  for (const part of splitOutsideParentheses(text)) {
    if (part === "") continue;
    const demand = parseDemand(part);
    if (demand === undefined) {
      return fail(
        badRequest(
          `unable to parse requirement: ${JSON.stringify(part)} is not a label requirement such as app=web, tier in (a,b), or !old`,
        ),
      );
    }
    demands.push(demand);
  }
  return succeed(demands);
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function parseDemand(part: string): LabelDemand | undefined {
  const demand = readDemand(part);
  return demand !== undefined && KEY.test(demand.key) && demand.values.every((value) => VALUE.test(value)) ? demand : undefined;
}

function readDemand(part: string): LabelDemand | undefined {
  const set = SET.exec(part);
  if (set !== null) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return { key: set[1] ?? "", operator: set[2] === "in" ? "in" : "not-in", values };
  }
  const comparison = COMPARISON.exec(part);
  if (comparison !== null) return { key: comparison[1] ?? "", operator: operatorOf(comparison[2] ?? "="), values: [comparison[3] ?? ""] };
  if (part.startsWith("!")) return { key: part.slice(1).trim(), operator: "absent", values: [] };
  return { key: part, operator: "exists", values: [] };
}

function operatorOf(sign: string): LabelDemand["operator"] {
  if (sign === "!=") return "not-in";
  if (sign === ">") return "greater";
  return sign === "<" ? "less" : "in";
}

const EXPRESSIONS: Readonly<Record<string, LabelDemand["operator"]>> = {
  In: "in",
  NotIn: "not-in",
  Exists: "exists",
  DoesNotExist: "absent",
};

/** Reads the object form, `{ matchLabels, matchExpressions }`. A missing selector selects nothing: `undefined`. */
export function labelSelectorOf(selector: unknown): LabelSelector | undefined {
  if (selector === undefined || selector === null) return undefined;
  const demands: LabelDemand[] = [];
  for (const [key, value] of Object.entries(fieldsOf(at(selector, "matchLabels")))) {
    demands.push({ key, operator: "in", values: [String(value)] });
  }
  for (const expression of listOf(at(selector, "matchExpressions"))) {
    const operator = EXPRESSIONS[textOf(at(expression, "operator")) ?? ""];
    if (operator === undefined) return undefined;
    demands.push({ key: textOf(at(expression, "key")) ?? "", operator, values: listOf(at(expression, "values")).map(String) });
  }
  return demands;
}

export function matchesLabels(selector: LabelSelector, labels: Labels | undefined): boolean {
  return selector.every((demand) =>
    isMet(demand, labels !== undefined && Object.hasOwn(labels, demand.key) ? labels[demand.key] : undefined),
  );
}

function isMet(demand: LabelDemand, value: string | undefined): boolean {
  switch (demand.operator) {
    case "in":
      return value !== undefined && demand.values.includes(value);
    case "not-in":
      return value === undefined || !demand.values.includes(value);
    case "exists":
      return value !== undefined;
    case "absent":
      return value === undefined;
    case "greater":
      return value !== undefined && Number(value) > Number(demand.values[0]);
    case "less":
      return value !== undefined && Number(value) < Number(demand.values[0]);
    default:
      return demand.operator satisfies never;
  }
}
