import { parse } from "yaml";

/** The value of a YAML text; throws what is wrong with it. In a file of its own, so that whoever reads no YAML carries no parser about. */
export function parseYaml(text: string): unknown {
  return parse(text);
}
