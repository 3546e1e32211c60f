import { checkClusterFile, type ClusterFile } from "@slash28/cluster-file";
import { usageError } from "../output/index.ts";
import { parseYamlFile, readYamlFile, type YamlFile } from "./yaml-file.ts";

/** Reads and checks a cluster file. A bad one is a usage error that names every problem with its line and column. */
export function readClusterFile(path: string): ClusterFile {
  return checked(readYamlFile(path, "cluster file"));
}

/** Checks a cluster file's text; `name` stands for it in messages. */
export function parseClusterFile(text: string, name: string): ClusterFile {
  return checked(parseYamlFile(text, name));
}

function checked({ value, lineOf }: YamlFile): ClusterFile {
  const result = checkClusterFile(value);
  if (result.ok) return result.file;
  throw usageError(result.problems.map(lineOf).join("\n"));
}
