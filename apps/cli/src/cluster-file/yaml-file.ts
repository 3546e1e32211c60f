import { readFileSync } from "node:fs";
import type { ClusterFileProblem } from "@slash28/cluster-file";
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import { usageError } from "../output/index.ts";

/** A YAML file as read, which can say where in its text a problem stands. */
export interface YamlFile {
  readonly value: unknown;
  /** `file:line:column: field: what is wrong`. */
  readonly lineOf: (problem: ClusterFileProblem) => string;
}

/** Reads a YAML file; text that is no YAML is a usage error. `what` it is, said when it cannot be read. */
export function readYamlFile(path: string, what: string): YamlFile {
  return parseYamlFile(textOf(path, what), path);
}

/** `name` stands for the file in messages. */
export function parseYamlFile(text: string, name: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw usageError(document.errors.map((error) => `${place(name, lines, error.pos[0])}: ${error.message}`).join("\n"));
  }
  return {
    value: plainOf(document, name),
    lineOf: (problem) => `${place(name, lines, offsetOf(document, problem))}: ${problem.path.join(".")}: ${problem.message}`,
  };
}

/** An alias that leads nowhere, or to too much, is found when the document is made plain. */
function plainOf(document: Document, name: string): unknown {
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    throw usageError(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function textOf(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "there is no such file" : String(cause);
    throw usageError(`cannot read the ${what} ${path}: ${reason}`);
  }
}

/** Where a problem stands in the text; a path that is not there (a missing field) stands where its nearest parent does. */
function offsetOf(document: Document, { path, isAboutKey }: ClusterFileProblem): number {
  if (isAboutKey === true) {
    const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1)) : undefined;
    if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
  }
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function place(name: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${line}:${col}`;
}
