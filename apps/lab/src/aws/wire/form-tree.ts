import { AwsError } from "../aws-error.ts";

/** A form's dotted keys as a tree: `Filter.1.Value.2=x` becomes `Filter → 1 → Value → 2 → x`. */
export interface FormNode {
  text?: string;
  readonly children: Map<string, FormNode>;
}

/** Deepest nesting taken; the deepest implemented request has seven parts. */
const PARTS_MAX = 16;

/** Builds the tree. A key given twice or nested beyond reason is the caller's mistake and becomes a `MalformedQueryString`. */
export function formTree(fields: Iterable<readonly [string, string]>): FormNode {
  const root: FormNode = { children: new Map() };
  for (const [key, text] of fields) {
    const parts = key.split(".");
    if (parts.length > PARTS_MAX || parts.some((part) => part === "")) {
      throw new AwsError("MalformedQueryString", `The key '${key.slice(0, 100)}' is not a parameter name.`);
    }
    const node = descend(root, parts);
    if (node.text !== undefined) throw new AwsError("MalformedQueryString", `The parameter '${key}' is given more than once.`);
    node.text = text;
  }
  return root;
}

function descend(root: FormNode, parts: readonly string[]): FormNode {
  let node = root;
  for (const part of parts) {
    let child = node.children.get(part);
    if (child === undefined) {
      child = { children: new Map() };
      node.children.set(part, child);
    }
    node = child;
  }
  return node;
}
