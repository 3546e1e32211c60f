/** The metadata service's tree: a leaf is text, a directory a record of names. */
export type MetadataNode = string | MetadataDirectory;

export interface MetadataDirectory {
  readonly [name: string]: MetadataNode | undefined;
}

/**
 * What a path shows: a leaf's text, or a directory's listing, one name a line, directories marked by a slash. A directory answers with and
 * without the trailing slash, a leaf only without. `undefined` when there is nothing. No answer ends in a newline.
 */
export function readMetadata(root: MetadataDirectory, path: string): string | undefined {
  const parts = path.replace(/^\//, "").split("/");
  const asksDirectory = parts.at(-1) === "";
  if (asksDirectory) parts.pop();
  let node: MetadataNode | undefined = root;
  for (const part of parts) {
    if (typeof node !== "object" || !Object.hasOwn(node, part)) return undefined;
    node = node[part];
  }
  if (node === undefined) return undefined;
  if (typeof node === "string") return asksDirectory ? undefined : node;
  return listing(node);
}

function listing(directory: MetadataDirectory): string {
  return Object.entries(directory)
    .filter(([, node]) => node !== undefined)
    .map(([name, node]) => (typeof node === "string" ? name : `${name}/`))
    .sort()
    .join("\n");
}
