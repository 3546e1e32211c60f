import { AwsError } from "../aws-error.ts";

/** Largest request taken. EC2's own form limit is not published; user data (16 KiB, base64) is the largest real member. */
export const BODY_BYTES_MAX = 1024 * 1024;

/** The form's fields, from the body of a POST or the query string of a GET. */
export async function readForm(request: Request): Promise<ReadonlyArray<readonly [string, string]>> {
  if (request.method === "GET") return parseForm(new URL(request.url).search.slice(1));
  if (request.method !== "POST") {
    throw new AwsError("InvalidRequest", `The method ${request.method} is not supported; send a POST with a form.`, 405);
  }
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    throw new AwsError("InvalidRequest", `The content type '${type}' is not supported; send application/x-www-form-urlencoded.`);
  }
  return parseForm(await readBody(request));
}

/** A body of announced length is read in one go, which the HTTP server does without streams; Node lets no more through than was announced. */
async function readBody(request: Request): Promise<string> {
  const announced = request.headers.get("content-length");
  if (announced === null) return utf8(await readStream(request));
  if (!(Number(announced) <= BODY_BYTES_MAX)) throw tooLarge();
  return utf8(new Uint8Array(await request.arrayBuffer()));
}

async function readStream(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    bytes += next.value.byteLength;
    if (bytes > BODY_BYTES_MAX) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(next.value);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): AwsError {
  return new AwsError("RequestEntityTooLarge", `The request is larger than ${BODY_BYTES_MAX} bytes.`, 413);
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
