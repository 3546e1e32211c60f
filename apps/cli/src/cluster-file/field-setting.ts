import { parse } from "yaml";
import { usageError } from "../output/index.ts";

/** One `path=value` of a command line: a field of a cluster file, and what it is to be. */
export interface FieldSetting {
  /** As it was typed, flag and all. */
  readonly flag: string;
  /** What stands before `=`. */
  readonly name: string;
  readonly path: readonly string[];
  /** As YAML reads it; `null` takes the field away. */
  readonly value: unknown;
}

const VARIABLE = /^[A-Z][A-Z0-9_]*$/;
/** `a.b`, `a.0`, `a[0]`, `a."b.c"`. */
const STEP = /(?:^|(?<=.)\.)(?:"([^"]+)"|([^."[\]]+))|\[(\d+)\]/gy;

/** Reads `vpcCni.env.WARM_IP_TARGET=2`; a name in capitals alone is a variable of `aws-node`. */
export function parseFieldSetting(text: string, flag = "--set"): FieldSetting {
  const at = text.indexOf("=");
  if (at <= 0) throw usageError(`${flag} ${text}: write path=value, such as ${flag} vpcCni.env.WARM_IP_TARGET=2`);
  const name = text.slice(0, at);
  const typed = `${flag} ${text}`;
  return { flag: typed, name, path: parseFieldPath(name, typed), value: parseFieldValue(text.slice(at + 1), typed) };
}

/** @param flag what an error names. */
export function parseFieldPath(name: string, flag: string): readonly string[] {
  if (VARIABLE.test(name)) return ["vpcCni", "env", name];
  const steps = [...name.matchAll(STEP)];
  if (steps.map(([step]) => step).join("") !== name)
    throw usageError(`${flag}: ${JSON.stringify(name)} is no path of a field; write it as nodeGroups.general.nodes or nodeGroups[0].nodes`);
  return steps.map(([, quoted, plain, index]) => quoted ?? plain ?? index ?? "");
}

export function parseFieldValue(text: string, flag: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    throw usageError(`${flag}: the value is not YAML: ${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)}`);
  }
}

/** The document with the field set; it stays as it is itself. Elements of a list go by their place or by their name. */
export function withField(document: unknown, { path, value, flag }: FieldSetting): unknown {
  return put(document, path, { value, flag, passed: [] });
}

/** The path with the places of list elements instead of their names, as problems of a file have it. */
export function placesOf(document: unknown, path: readonly string[]): readonly string[] {
  let node = document;
  return path.map((step) => {
    const place = Array.isArray(node) ? String(placeIn(node, step)) : step;
    node = typeof node === "object" && node !== null ? (node as Readonly<Record<string, unknown>>)[place] : undefined;
    return place;
  });
}

function placeIn(list: readonly unknown[], step: string): number {
  return /^\d+$/.test(step) ? Number(step) : list.findIndex((element) => nameOf(element) === step);
}

interface Putting {
  readonly value: unknown;
  readonly flag: string;
  readonly passed: readonly string[];
}

function put(node: unknown, [step, ...rest]: readonly string[], putting: Putting): unknown {
  if (step === undefined) return putting.value;
  const next = { ...putting, passed: [...putting.passed, step] };
  if (Array.isArray(node)) return putInList(node, step, rest, next);
  const fields = fieldsOf(node, putting);
  if (rest.length === 0 && putting.value === null) return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== step));
  return { ...fields, [step]: put(Object.hasOwn(fields, step) ? fields[step] : undefined, rest, next) };
}

function putInList(list: readonly unknown[], step: string, rest: readonly string[], putting: Putting): unknown {
  const index = placeIn(list, step);
  if (index < 0 || index >= list.length) {
    const there = list.map((element, at) => nameOf(element) ?? String(at)).join(", ");
    throw usageError(
      `${putting.flag}: there is no ${putting.passed.join(".")}; there ${list.length === 1 ? "is" : "are"} ${there || "none"}`,
    );
  }
  if (rest.length === 0 && putting.value === null) return list.filter((_, at) => at !== index);
  return list.map((element, at) => (at === index ? put(element, rest, putting) : element));
}

function fieldsOf(node: unknown, { flag, passed }: Putting): Readonly<Record<string, unknown>> {
  if (node === undefined || node === null) return {};
  if (typeof node === "object") return node as Readonly<Record<string, unknown>>;
  throw usageError(`${flag}: ${passed.join(".") || "the file"} has no fields: it is ${JSON.stringify(node)}`);
}

function nameOf(element: unknown): string | undefined {
  return typeof element === "object" && element !== null && "name" in element && typeof element.name === "string"
    ? element.name
    : undefined;
}
