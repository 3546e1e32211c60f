import { badRequest, fail, succeed, type ApiFailure, type Result } from "./failure.ts";
import { isFields, own, sameJson, textOf } from "./fields.ts";

type Found = { readonly found: true; readonly value: unknown } | { readonly found: false };

/** The document with a JSON patch applied (RFC 6902). All operations hold, or none. */
export function applyJsonPatch(document: unknown, patch: unknown): Result<unknown> {
  if (!Array.isArray(patch)) return fail(badRequest("a JSON patch is a list of operations"));
  let patched = document;
  for (const operation of patch) {
    const step = applyOperation(patched, operation);
    if (!step.ok) return step;
    patched = step.value;
  }
  return succeed(patched);
}

function applyOperation(document: unknown, operation: unknown): Result<unknown> {
  if (!isFields(operation)) return fail(badRequest("a JSON patch operation is an object with op and path"));
  const op = textOf(operation["op"]) ?? "";
  const path = parsePointer(operation["path"]);
  if (path === undefined) return refuse(op, operation["path"], "path must be empty or start with '/'");
  switch (op) {
    case "add":
    case "replace":
      if (!("value" in operation)) return refuse(op, operation["path"], "value is missing");
      return put(document, path, operation["value"], op === "add" ? "insert" : "replace") ?? missing(op, operation["path"]);
    case "remove":
      return take(document, path) ?? missing(op, operation["path"]);
    case "test": {
      const found = find(document, path);
      const isSame = found.found ? sameJson(found.value, operation["value"]) : operation["value"] === null;
      return isSame ? succeed(document) : refuse(op, operation["path"], "the value differs");
    }
    case "move":
    case "copy":
      return carry(document, op, path, operation["from"]);
    default:
      return refuse(op, operation["path"], "the operation is not one of add, remove, replace, move, copy, test");
  }
}

function carry(document: unknown, op: "move" | "copy", path: readonly string[], fromText: unknown): Result<unknown> {
  const from = parsePointer(fromText);
  const found: Found = from === undefined ? { found: false } : find(document, from);
  if (from === undefined || !found.found) return missing(op, fromText);
  if (op === "move" && from.length < path.length && from.every((name, index) => name === path[index])) {
    return refuse(op, fromText, "a value cannot move into itself");
  }
  const without = op === "move" ? take(document, from) : succeed(document);
  if (without === undefined || !without.ok) return missing(op, fromText);
  return put(without.value, path, found.value, "insert") ?? missing(op, path.join("/"));
}

function refuse(op: string, path: unknown, why: string): { readonly ok: false; readonly failure: ApiFailure } {
  const message = `the server rejected our request due to an error in our request: JSON patch ${op} ${JSON.stringify(path)}: ${why}`;
  return fail({ code: 422, reason: "Invalid", message });
}

function missing(op: string, path: unknown): { readonly ok: false; readonly failure: ApiFailure } {
  return refuse(op, path, "there is no such value");
}

/** A JSON pointer (RFC 6901) as its unescaped parts. */
function parsePointer(text: unknown): readonly string[] | undefined {
  if (text === "") return [];
  if (typeof text !== "string" || !text.startsWith("/")) return undefined;
  return text
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function find(document: unknown, path: readonly string[]): Found {
  let value = document;
  for (const name of path) {
    if (Array.isArray(value)) {
      const index = listIndex(name, value.length - 1);
      if (index === undefined) return { found: false };
      value = value[index];
    } else if (isFields(value) && Object.hasOwn(value, name)) value = value[name];
    else return { found: false };
  }
  return { found: true, value };
}

function listIndex(name: string, last: number): number | undefined {
  const index = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : undefined;
  return index !== undefined && index <= last ? index : undefined;
}

/** The document with the value put at a path; `undefined` when the path leads nowhere. */
function put(document: unknown, path: readonly string[], value: unknown, mode: "insert" | "replace"): Result<unknown> | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return succeed(value);
  if (Array.isArray(document)) return putInList(document, path, value, mode);
  if (!isFields(document)) return undefined;
  if (rest.length === 0) return mode === "replace" && !Object.hasOwn(document, name) ? undefined : succeed({ ...document, [name]: value });
  const inner = put(own(document, name), rest, value, mode);
  return inner?.ok === true ? succeed({ ...document, [name]: inner.value }) : inner;
}

function putInList(
  list: readonly unknown[],
  path: readonly string[],
  value: unknown,
  mode: "insert" | "replace",
): Result<unknown> | undefined {
  const [name = "", ...rest] = path;
  if (rest.length > 0) {
    const index = listIndex(name, list.length - 1);
    const inner = index === undefined ? undefined : put(list[index], rest, value, mode);
    return inner?.ok === true && index !== undefined ? succeed(list.with(index, inner.value)) : inner;
  }
  if (mode === "insert") {
    const index = name === "-" ? list.length : listIndex(name, list.length);
    return index === undefined ? undefined : succeed(list.toSpliced(index, 0, value));
  }
  const index = listIndex(name, list.length - 1);
  return index === undefined ? undefined : succeed(list.with(index, value));
}

function take(document: unknown, path: readonly string[]): Result<unknown> | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return succeed(null);
  if (Array.isArray(document)) {
    const index = listIndex(name, document.length - 1);
    if (index === undefined) return undefined;
    if (rest.length === 0) return succeed(document.toSpliced(index, 1));
    const inner = take(document[index], rest);
    return inner?.ok === true ? succeed(document.with(index, inner.value)) : inner;
  }
  if (!isFields(document) || !Object.hasOwn(document, name)) return undefined;
  if (rest.length === 0) {
    const { [name]: _gone, ...left } = document;
    return succeed(left);
  }
  const inner = take(document[name], rest);
  return inner?.ok === true ? succeed({ ...document, [name]: inner.value }) : inner;
}
