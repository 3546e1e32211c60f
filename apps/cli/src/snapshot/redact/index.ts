import { randomBytes } from "node:crypto";
import type { Collected } from "../documents.ts";
import { pseudonymsOf } from "./pseudonyms.ts";
import { redactDocuments } from "./redact-documents.ts";

/** A snapshot under other names, ids and addresses; nothing remembers which stood for which. */
export function redacted<T extends Collected & { readonly cluster?: string }>(snapshot: T): T {
  return redactDocuments(snapshot, pseudonymsOf(randomBytes(32)));
}
