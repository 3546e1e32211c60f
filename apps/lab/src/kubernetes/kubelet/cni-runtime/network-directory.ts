import { readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { readNetwork } from "./network-list.ts";
import type { NetworkList } from "./network-list.ts";

const KINDS = new Set([".conflist", ".conf", ".json"]);

/** The first valid network of a directory by file name, as containerd picks it; `undefined` while there is none. */
export function firstNetwork(dir: string): NetworkList | undefined {
  for (const name of namesIn(dir)) {
    const read = readFileIn(dir, name);
    const network = read === undefined ? undefined : readNetwork(read);
    if (network?.ok === true) return network.list;
  }
  return undefined;
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && KINDS.has(extname(entry.name)))
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

/** A file may vanish between the listing and the reading: it is replaced while pods start. */
function readFileIn(dir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dir, name), "utf8");
  } catch {
    return undefined;
  }
}
