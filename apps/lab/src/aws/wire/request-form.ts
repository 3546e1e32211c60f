import { AwsError } from "../aws-error.ts";
import { readBody } from "./request-body.ts";

/** A request's form, and the body it came in. */
export interface SentForm {
  readonly fields: ReadonlyArray<readonly [string, string]>;
  readonly body: Uint8Array;
}

/** The form's fields, from the body of a POST or the query string of a GET. */
export async function readForm(request: Request): Promise<SentForm> {
  if (request.method === "GET") return { fields: parseForm(new URL(request.url).search.slice(1)), body: new Uint8Array() };
  if (request.method !== "POST") {
    throw new AwsError("InvalidRequest", `The method ${request.method} is not supported; send a POST with a form.`, 405);
  }
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    throw new AwsError("InvalidRequest", `The content type '${type}' is not supported; send application/x-www-form-urlencoded.`);
  }
  const body = await readBody(request);
  return { fields: parseForm(utf8(body)), body };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function utf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new AwsError("MalformedQueryString", "The request body is not UTF-8 text.");
  }
}

/** Strict reading of the form encoding: a broken percent escape is an error, not a guess. */
export function parseForm(text: string): Array<readonly [string, string]> {
  return text
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const key = equals < 0 ? pair : pair.slice(0, equals);
      return [unescape(key), equals < 0 ? "" : unescape(pair.slice(equals + 1))] as const;
    });
}

const PLAIN = /^[\w.*~-]*$/;

function unescape(text: string): string {
  // Most of a form, all names and ids, has nothing to unescape.
  if (PLAIN.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new AwsError("MalformedQueryString", "The form contains a broken percent escape.");
  }
}
