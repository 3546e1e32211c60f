import { z } from "zod";
import { meant, type ClusterFileProblem } from "./problem.ts";

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

/** What a field takes, said for someone who writes YAML. */
const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list ([a, b], or a line with '- ' for each)",
  object: "fields of its own",
  record: "names with values",
};

/** zod's words for people who write YAML; told to zod at each parse. */
export function shapeError(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return typeMessage(issue);
    case "invalid_value":
      return `${given(issue.input)} is none of ${issue.values.map(String).join(", ")}${near(issue.input, issue.values)}`;
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownField(key, fieldsOf(issue.inst))).join("\n");
    case "invalid_union":
      return unionMessage(issue);
    default:
      return undefined;
  }
}

/** The problems of one issue: an object with several unknown fields has several. */
export function problemsOfIssue(issue: Issue): readonly ClusterFileProblem[] {
  const path = issue.path.filter((key) => typeof key !== "symbol");
  if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
  const messages = issue.message.split("\n");
  return issue.keys.map((key, at) => ({ path: [...path, key], message: messages[at] ?? "unknown field", isAboutKey: true }));
}

function typeMessage(issue: Extract<RawIssue, { readonly code: "invalid_type" }>): string {
  const wanted = KINDS[issue.expected] ?? issue.expected;
  if (issue.input === undefined) return `is missing: it takes ${wanted}`;
  return `must be ${wanted}, not ${given(issue.input)}`;
}

/** A union that a field tells apart, when the field is missing or says nothing known. */
function unionMessage({ discriminator, inst, input }: Extract<RawIssue, { readonly code: "invalid_union" }>): string | undefined {
  if (discriminator === undefined || !(inst instanceof z.ZodDiscriminatedUnion)) return undefined;
  const words = inst.options.flatMap((option) => wordsOf(option, discriminator));
  const said: unknown = typeof input === "object" && input !== null ? Reflect.get(input, discriminator) : undefined;
  if (said === undefined) return `is missing: it is one of ${words.join(", ")}`;
  return `${given(said)} is none of ${words.join(", ")}${near(said, words)}`;
}

function wordsOf(option: unknown, discriminator: string): readonly string[] {
  const field: unknown = option instanceof z.ZodObject ? Reflect.get(option.shape, discriminator) : undefined;
  return field instanceof z.ZodLiteral ? [...field.values].map(String) : [];
}

function unknownField(key: string, known: readonly string[]): string {
  return `unknown field${meant(key, known)}`;
}

function fieldsOf(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function near(input: unknown, values: readonly unknown[]): string {
  const text = typeof input === "string" ? meant(input, values.map(String)) : "";
  return text.startsWith(";") ? text : "";
}

function given(input: unknown): string {
  if (input === undefined) return "nothing";
  return Array.isArray(input) ? "a list" : typeof input === "object" && input !== null ? "fields" : JSON.stringify(input);
}
