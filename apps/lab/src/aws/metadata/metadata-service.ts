import { randomBytes } from "node:crypto";
import type { InstanceId } from "@slash28/address";
import type { Clock } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { instanceFacts, laggingFacts, type InstanceFacts } from "./instance-facts.ts";
import { metadataRoot, type RoleNameOf } from "./metadata-root.ts";
import { readMetadata } from "./metadata-tree.ts";
import { createSessionTokens, parseTtlSeconds, type SessionTokens } from "./session-tokens.ts";

export interface MetadataServiceOptions {
  readonly cloud: Cloud;
  readonly instanceId: InstanceId;
  readonly clock: Clock;
  /** How far the answers trail EC2; 0 when absent. */
  readonly lagMs?: number;
  /** Whose credentials it gives; the role of the profile's own name when absent. */
  readonly roleNameOf?: RoleNameOf;
  /** Text nobody can guess, for session tokens; random when absent. */
  readonly newToken?: () => string;
}

export interface MetadataService {
  /** Answers one HTTP request of a process on the instance. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Goes on telling what is true now, whatever happens, until {@link thaw}. */
  freeze(): void;
  thaw(): void;
  close(): void;
}

const TOKEN_PATH = "/latest/api/token";
const TOKEN_HEADER = "x-aws-ec2-metadata-token";
const TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds";

/**
 * The instance metadata service (IMDSv1 and v2) of one instance: what it told of is the instance's own `MetadataOptions` that decide
 * whether a session token is needed. Source: EC2 user guide, "Instance metadata and user data".
 */
export function createMetadataService(options: MetadataServiceOptions): MetadataService {
  const { cloud, instanceId, clock, lagMs = 0, newToken = () => randomBytes(42).toString("base64url") } = options;
  const tokens = createSessionTokens(newToken);
  const facts = laggingFacts({ cloud, clock, lagMs, gather: () => instanceFacts(cloud, instanceId) });
  let frozen: { readonly facts: InstanceFacts | undefined } | undefined;

  const answer = (request: Request): Response => {
    const instance = cloud.view.instance(instanceId);
    if (instance === undefined || !instance.metadata.isEnabled) return refusal(403, "Forbidden");
    const { pathname } = new URL(request.url);
    if (request.method === "PUT" && pathname === TOKEN_PATH) return issueToken(tokens, request, clock.now());
    if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "Method Not Allowed");
    if (pathname === TOKEN_PATH) return refusal(405, "Method Not Allowed");
    if (!mayRead(tokens, request, instance.metadata.needsToken, clock.now())) return refusal(401, "Unauthorized");
    const current = frozen === undefined ? facts.read() : frozen.facts;
    const text = current === undefined ? undefined : readMetadata(metadataRoot(current, clock.now(), options.roleNameOf), pathname);
    if (text === undefined) return refusal(404, "Not Found");
    return new Response(request.method === "HEAD" ? null : text, { status: 200, headers: HEADERS });
  };

  return {
    fetch: (request) => Promise.resolve(answer(request)),
    freeze: () => (frozen ??= { facts: facts.read() }),
    thaw: () => (frozen = undefined),
    close: () => facts.close(),
  };
}

const HEADERS = { "content-type": "text/plain", server: "EC2ws" };

/** A proxy in between would hand the token to others: such requests are refused. The TTL is repeated because clients read it from there. */
function issueToken(tokens: SessionTokens, request: Request, nowMs: number): Response {
  if (request.headers.has("x-forwarded-for")) return refusal(403, "Forbidden");
  const ttlSeconds = parseTtlSeconds(request.headers.get(TTL_HEADER));
  if (ttlSeconds === undefined) return refusal(400, "Bad Request");
  const token = tokens.issue(ttlSeconds, nowMs);
  return new Response(token, { status: 200, headers: { ...HEADERS, [TTL_HEADER]: String(ttlSeconds) } });
}

/** A token that is sent must be good also where none is needed. */
function mayRead(tokens: SessionTokens, request: Request, needsToken: boolean, nowMs: number): boolean {
  const token = request.headers.get(TOKEN_HEADER);
  return token === null ? !needsToken : tokens.isValid(token, nowMs);
}

function refusal(status: number, reason: string): Response {
  return new Response(`${status} - ${reason}`, { status, headers: HEADERS });
}
