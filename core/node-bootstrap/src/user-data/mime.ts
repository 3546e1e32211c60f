import { read, refused, type Reading } from "../problem.ts";
import { decodeBase64Text } from "./base64.ts";

/** One part of user data: a script, a node configuration, cloud-init's own. */
export interface UserDataPart {
  /** The media type in lower case without parameters. */
  readonly type: string;
  readonly body: string;
}

export const SHELL_SCRIPT = "text/x-shellscript";
export const NODE_CONFIG = "application/node.eks.aws";

interface Entity {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Whether user data is a MIME message with parts (RFC 2046), as EKS wants it where it adds parts of its own. */
export function isMultipart(text: string): boolean {
  return boundaryOf(entityOf(text)) !== undefined;
}

/**
 * The parts of a MIME message in their order; a part that is itself multipart gives its parts. Lines may end in LF or CRLF.
 * @returns problems for text that is no multipart message, or one that is cut off
 */
export function multipartParts(text: string): Reading<readonly UserDataPart[]> {
  return partsOf(entityOf(text), 0);
}

/** cloud-init stops at some depth, too; real user data has one level. */
const DEPTH_MAX = 4;

function partsOf(entity: Entity, depth: number): Reading<readonly UserDataPart[]> {
  const boundary = boundaryOf(entity);
  if (boundary === undefined)
    return refused("user data is not a MIME multipart message: it has no Content-Type: multipart/… with a boundary");
  if (depth > DEPTH_MAX)
    return refused(`user data has multipart messages inside one another, more than ${DEPTH_MAX} deep; put the parts side by side`);
  const lines = entity.body.split(/\r?\n/);
  const bodies: string[][] = [];
  let isClosed = false;
  for (const line of lines) {
    const marker = line.trimEnd();
    if (marker === `--${boundary}--`) isClosed = true;
    if (isClosed) break;
    if (marker === `--${boundary}`) bodies.push([]);
    else bodies.at(-1)?.push(line);
  }
  if (bodies.length === 0) return refused(`user data has no part: no line is --${boundary}`);
  const parts: UserDataPart[] = [];
  for (const body of bodies) {
    const found = partOf(entityOf(body.join("\n")), depth);
    if (!found.ok) return found;
    parts.push(...found.value);
  }
  return read(parts);
}

function partOf(entity: Entity, depth: number): Reading<readonly UserDataPart[]> {
  if (boundaryOf(entity) !== undefined) return partsOf(entity, depth + 1);
  const type = mediaType(entity) ?? guessedType(entity.body);
  const encoding = entity.headers.get("content-transfer-encoding")?.trim().toLowerCase() ?? "7bit";
  if (encoding !== "base64") return read([{ type, body: entity.body }]);
  const body = decodeBase64Text(entity.body);
  if (body === undefined) return refused(`the ${type} part of the user data says it is base64 and is not (or is not UTF-8 text)`);
  return read([{ type, body }]);
}

/** Header lines up to the first empty one, folded lines joined (RFC 5322); text without headers is all body. */
function entityOf(text: string): Entity {
  const headers = new Map<string, string>();
  const lines = text.split("\n");
  let last: string | undefined;
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, "");
    if (line === "") return { headers, body: lines.slice(index + 1).join("\n") };
    const header = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line);
    if (/^[ \t]/.test(line) && last !== undefined) headers.set(last, `${headers.get(last) ?? ""} ${line.trim()}`);
    else if (header === null) return { headers: new Map(), body: text };
    else {
      last = (header[1] ?? "").toLowerCase();
      headers.set(last, header[2] ?? "");
    }
  }
  return { headers, body: "" };
}

function mediaType({ headers }: Entity): string | undefined {
  return headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
}

function boundaryOf(entity: Entity): string | undefined {
  if (mediaType(entity)?.startsWith("multipart/") !== true) return undefined;
  const match = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(entity.headers.get("content-type") ?? "");
  const boundary = match?.[1]?.replaceAll(/\\(.)/g, "$1") ?? match?.[2];
  return boundary === "" ? undefined : boundary;
}

/** A part without a type is what cloud-init takes it for by its first line. */
function guessedType(body: string): string {
  if (body.startsWith("#!")) return SHELL_SCRIPT;
  return body.startsWith("#cloud-config") ? "text/cloud-config" : "text/plain";
}

/** Chosen so that no part holds it as a line. */
export function writeMultipart(parts: readonly UserDataPart[]): string {
  let boundary = "//";
  while (parts.some(({ body }) => body.includes(`--${boundary}`))) boundary += "/";
  const sections = parts.map(({ type, body }) => {
    const charset = type.startsWith("text/") ? '; charset="utf-8"' : "";
    return `--${boundary}\nContent-Type: ${type}${charset}\n\n${body.replace(/\n$/, "")}\n`;
  });
  return `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${boundary}"\n\n${sections.join("\n")}\n--${boundary}--\n`;
}
