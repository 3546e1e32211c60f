import { readFileSync } from "node:fs";
import { checkClusterFile, type ClusterFile } from "@slash28/cluster-file";
import { isNode, LineCounter, parseDocument, type Document } from "yaml";
import { usageError } from "../output/index.ts";

/** Reads and checks a cluster file. A bad one is a usage error that names every problem with its line and column. */
export function readClusterFile(path: string): ClusterFile {
  return parseClusterFile(textOf(path), path);
}

/** Checks a cluster file's text; `name` stands for it in messages. */
export function parseClusterFile(text: string, name: string): ClusterFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw usageError(document.errors.map((error) => `${place(name, lines, error.pos[0])}: ${error.message}`).join("\n"));
  }
  const checked = checkClusterFile(document.toJS());
  if (checked.ok) return checked.file;
  const said = checked.problems.map(
    ({ path, message }) => `${place(name, lines, offsetOf(document, path))}: ${path.join(".")}: ${message}`,
  );
  throw usageError(said.join("\n"));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "there is no such file" : String(cause);
    throw usageError(`cannot read the cluster file ${path}: ${reason}`);
  }
}

/** Where a path stands in the text; a path that is not there (a missing field) stands where its nearest parent does. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
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
