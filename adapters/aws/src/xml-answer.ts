import { XMLParser } from "fast-xml-parser";
import { asRecord, textOf } from "./untrusted.ts";

/** One element of an EC2 answer. Reading what is not there gives `undefined` or an empty list, never an error. */
export interface XmlNode {
  text(name: string): string | undefined;
  child(name: string): XmlNode | undefined;
  /** The `<item>` elements below `<name>`. */
  items(name: string): readonly XmlNode[];
}

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  isArray: (name) => name === "item" || name === "Error",
});

/** The root element of an answer; `undefined` when the text is not XML. */
export function parseAnswer(xml: string): XmlNode | undefined {
  let parsed: unknown;
  try {
    parsed = parser.parse(xml, true);
  } catch {
    return undefined;
  }
  const root = Object.values(asRecord(parsed) ?? {}).find((value) => asRecord(value) !== undefined);
  const record = asRecord(root);
  return record === undefined ? undefined : node(record);
}

/** Code and message of `<Response><Errors><Error>`; `undefined` when the answer is not an error document. */
export function parseErrorAnswer(xml: string): { readonly code: string; readonly message: string } | undefined {
  const [error] = parseAnswer(xml)?.child("Errors")?.items("Error") ?? [];
  const code = error?.text("Code");
  return code === undefined ? undefined : { code, message: error?.text("Message") ?? "" };
}

function node(record: Readonly<Record<string, unknown>>): XmlNode {
  return {
    text: (name) => textOf(record[name]),
    child: (name) => {
      const below = asRecord(record[name]);
      return below === undefined ? undefined : node(below);
    },
    items: (name) => {
      const below = record[name];
      const list = Array.isArray(below) ? below : asRecord(below)?.["item"];
      return Array.isArray(list) ? list.map(asRecord).flatMap((each) => (each === undefined ? [] : [node(each)])) : [];
    },
  };
}
