import { checkClusterFile, type ClusterFile, type ClusterFileProblem } from "@slash28/cluster-file";
import { usageError } from "../output/index.ts";
import { placesOf, withField, type FieldSetting } from "./field-setting.ts";
import { parseYamlFile, readYamlFile, type YamlFile } from "./yaml-file.ts";

/** Reads and checks a cluster file. A bad one is a usage error that names every problem with its line and column. */
export function readClusterFile(path: string): ClusterFile {
  return openClusterFile(path).file;
}

/** Checks a cluster file's text; `name` stands for it in messages. */
export function parseClusterFile(text: string, name: string): ClusterFile {
  return opened(parseYamlFile(text, name), name).file;
}

/** A checked cluster file that still knows where its text says what. */
export interface OpenClusterFile {
  readonly path: string;
  readonly file: ClusterFile;
  /** A problem that was found later, as a person reads it: with its line and column, or the flag that brought it. */
  readonly say: (problem: ClusterFileProblem) => string;
  /** The same with fields that a command line sets, checked again. */
  readonly with: (settings: readonly FieldSetting[]) => OpenClusterFile;
}

export function openClusterFile(path: string): OpenClusterFile {
  return opened(readYamlFile(path, "cluster file"), path);
}

function opened({ value, lineOf }: YamlFile, path: string): OpenClusterFile {
  const openWith = (settings: readonly FieldSetting[]): OpenClusterFile => {
    const say = (problem: ClusterFileProblem): string => {
      const flags = settings.filter(({ path }) => isAbout(problem, placesOf(changed, path))).map(({ flag }) => flag);
      if (flags.length > 0) return `${flags.join(" ")}: ${problem.path.join(".")}: ${problem.message}`;
      return `${lineOf(problem)}${settings.length === 0 ? "" : ` (with ${settings.map(({ flag }) => flag).join(" ")})`}`;
    };
    const changed = settings.reduce(withField, value);
    const checked = checkClusterFile(changed);
    if (!checked.ok) throw usageError(checked.problems.map(say).join("\n"));
    return { path, file: checked.file, say, with: openWith };
  };
  return openWith([]);
}

/** Whether a problem stands at what was set, within it, or at a field above that only the setting made. */
function isAbout({ path }: ClusterFileProblem, set: readonly string[]): boolean {
  const [shorter, longer] = path.length < set.length ? [path, set] : [set, path];
  return shorter.length > 0 && shorter.every((step, at) => String(step) === String(longer[at]));
}
