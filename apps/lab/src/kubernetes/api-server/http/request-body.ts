import { badRequest, fail, succeed, type ApiFailure, type Result } from "@slash28/kube-store";
import { parse } from "yaml";

import { decodeProtobuf } from "../types/decode-protobuf.ts";
import type { Patch } from "../operations/patch-body.ts";
import type { ApiRequest } from "./exchange.ts";
import { BODY_MAX_BYTES } from "./whole-body.ts";

/** The request's body as JSON data, from JSON or YAML text; `undefined` for an empty one. */
export function readBody(request: ApiRequest): Result<unknown> {
  const type = mediaType(request);
  if (type === PROTOBUF) return readProtobuf(request);
  if (type !== "" && !READABLE.test(type)) return fail(unsupported(type, ["application/json", "application/yaml", PROTOBUF]));
  return request.body.length > BODY_MAX_BYTES ? fail(TOO_LARGE) : parseText(request.body, type.includes("yaml"));
}

const PROTOBUF = "application/vnd.kubernetes.protobuf";

function readProtobuf({ body }: ApiRequest): Result<unknown> {
  if (body.length > BODY_MAX_BYTES) return fail(TOO_LARGE);
  if (body.length === 0) return succeed(undefined);
  const decoded = decodeProtobuf(body);
  return decoded.ok ? succeed(decoded.value) : fail(badRequest(`the body of the request could not be read: ${decoded.why}`));
}

const READABLE = /^(?:application|text)\/(?:[\w.-]+\+)?(?:json|yaml|plain)$|^\*\/\*$|^text\/plain$/;

const PATCHES: Readonly<Record<string, Patch["kind"]>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};

export function readPatch(request: ApiRequest): Result<Patch> {
  const type = mediaType(request);
  const kind = PATCHES[type];
  if (kind === undefined) return fail(unsupported(type, Object.keys(PATCHES)));
  if (request.body.length > BODY_MAX_BYTES) return fail(TOO_LARGE);
  const body = parseText(request.body, kind === "apply");
  return body.ok ? succeed({ kind, body: body.value }) : body;
}

function mediaType({ headers }: ApiRequest): string {
  return (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function unsupported(type: string, accepted: readonly string[]): ApiFailure {
  const message = `the body of the request was in an unknown format (${type === "" ? "none" : type}) - accepted media types include: ${accepted.join(", ")}`;
  return { code: 415, reason: "UnsupportedMediaType", message };
}

export const TOO_LARGE: ApiFailure = {
  code: 413,
  reason: "RequestEntityTooLarge",
  message: `Request entity too large: limit is ${BODY_MAX_BYTES}`,
};

/** As JSON and YAML are to be read: text that is not UTF-8 is refused, not guessed at. */
const utf8 = new TextDecoder("utf-8", { fatal: true });
/** Aliases are counted: a few lines of them can stand for gigabytes. */
const YAML_OPTIONS = { maxAliasCount: 100, prettyErrors: false, logLevel: "error" } as const;

function parseText(bytes: Buffer, isYaml: boolean): Result<unknown> {
  try {
    const text = utf8.decode(bytes);
    if (text.trim() === "") return succeed(undefined);
    // Set through JSON, this field would stay a field; copied by assignment further on it would become the prototype.
    if (text.includes("__proto__")) return fail(badRequest("an object may not have a field named __proto__"));
    // YAML that is JSON is read as such: it is ten times as fast.
    if (!isYaml || text.startsWith("{")) return readJson(text, isYaml);
    return succeed(parse(text, YAML_OPTIONS) as unknown);
  } catch (error) {
    return fail(badRequest(`the body of the request could not be read: ${error instanceof Error ? error.message : String(error)}`));
  }
}

function readJson(text: string, isYaml: boolean): Result<unknown> {
  try {
    return succeed(JSON.parse(text) as unknown);
  } catch (error) {
    if (isYaml) return succeed(parse(text, YAML_OPTIONS) as unknown);
    throw error;
  }
}
