import { badRequest, fail, succeed, type ApiFailure, type Result } from "@slash28/kube-store";
import { parse } from "yaml";

import { decodeProtobuf } from "../types/decode-protobuf.ts";
import type { Patch } from "../operations/patch-body.ts";

/** Larger requests are refused, as upstream does (its limit for one object). */
const BODY_MAX_BYTES = 3 * 1024 * 1024;

/** The request's body as JSON data, from JSON or YAML text; `undefined` for an empty one. */
export async function readBody(request: Request): Promise<Result<unknown>> {
  const type = mediaType(request);
  if (type === PROTOBUF) return readProtobuf(request);
  if (type !== "" && !READABLE.test(type)) return fail(unsupported(type, ["application/json", "application/yaml", PROTOBUF]));
  return parseText(await request.text(), type.includes("yaml"));
}

const PROTOBUF = "application/vnd.kubernetes.protobuf";

async function readProtobuf(request: Request): Promise<Result<unknown>> {
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.length === 0) return succeed(undefined);
  const decoded = decodeProtobuf(bytes);
  return decoded.ok ? succeed(decoded.value) : fail(badRequest(`the body of the request could not be read: ${decoded.why}`));
}

const READABLE = /^(?:application|text)\/(?:[\w.-]+\+)?(?:json|yaml|plain)$|^\*\/\*$|^text\/plain$/;

const PATCHES: Readonly<Record<string, Patch["kind"]>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};

export async function readPatch(request: Request): Promise<Result<Patch>> {
  const type = mediaType(request);
  const kind = PATCHES[type];
  if (kind === undefined) return fail(unsupported(type, Object.keys(PATCHES)));
  const body = parseText(await request.text(), kind === "apply");
  return body.ok ? succeed({ kind, body: body.value }) : body;
}

function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function unsupported(type: string, accepted: readonly string[]): ApiFailure {
  const message = `the body of the request was in an unknown format (${type === "" ? "none" : type}) - accepted media types include: ${accepted.join(", ")}`;
  return { code: 415, reason: "UnsupportedMediaType", message };
}

function parseText(text: string, isYaml: boolean): Result<unknown> {
  if (text.length > BODY_MAX_BYTES)
    return fail({ code: 413, reason: "BadRequest", message: `Request entity too large: limit is ${BODY_MAX_BYTES}` });
  if (text.trim() === "") return succeed(undefined);
  // Set through JSON, this field would stay a field; copied by assignment further on it would become the prototype.
  if (text.includes('"__proto__"')) return fail(badRequest("an object may not have a field named __proto__"));
  try {
    return succeed(isYaml ? (parse(text) as unknown) : (JSON.parse(text) as unknown));
  } catch (error) {
    return fail(badRequest(`the body of the request could not be read: ${error instanceof Error ? error.message : String(error)}`));
  }
}
