import { readFileSync } from "node:fs";
import { format, type FormatConfig } from "oxfmt";

const config = JSON.parse(readFileSync(new URL("../../.oxfmtrc.json", import.meta.url), "utf8")) as FormatConfig;

/** A JSON Schema as the formatter lays it out: what is written here needs no `npm run format` after it. */
export async function schemaText(path: string, schema: object): Promise<string> {
  const { code, errors } = await format(path, `${JSON.stringify(schema, null, 2)}\n`, { printWidth: config.printWidth ?? 80 });
  if (errors.length > 0) throw new Error(`${path} could not be laid out: ${errors.map(({ message }) => message).join("; ")}`);
  return code;
}
