import type { ConfigurationInput } from "@slash28/eks";
import { parseDocument } from "yaml";
import { RestError } from "../../rest-json/index.ts";

/**
 * `configurationValues` as a request has them: JSON or YAML text. `undefined` when there are none.
 * @throws {RestError} `InvalidParameterException` for text that is neither
 */
export function configurationInput(text: string | undefined, fields: Readonly<Record<string, unknown>>): ConfigurationInput | undefined {
  return text === undefined ? undefined : { text, values: configurationValues(text, fields) };
}

/** What such a text says; `{}` for an empty one. */
export function configurationValues(text: string, fields: Readonly<Record<string, unknown>> = {}): unknown {
  if (text.trim() === "") return {};
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error === undefined) return document.toJS({ maxAliasCount: 100 }) as unknown;
  const why = error.message.split("\n")[0] ?? "";
  throw new RestError("InvalidParameterException", `ConfigurationValue provided in request is not valid JSON or YAML: ${why}`, 400, fields);
}
