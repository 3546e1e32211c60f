import { invalidParameter } from "./errors.ts";
import { ok, refuse, type EksResult } from "./result.ts";
import type { ClusterRecord } from "./state.ts";

/** How many answered tokens a cluster remembers. */
const REPLIES_MAX = 200;

/** A request with its idempotency token (`clientRequestToken`). */
export interface TokenedRequest {
  readonly operation: string;
  readonly token: string | undefined;
  /** The request's parameters, without the token. */
  readonly parameters: unknown;
}

/** What an earlier request with this token made, if there was one; a token that comes with other parameters is refused. */
export function earlierReply(cluster: ClusterRecord, request: TokenedRequest): EksResult<string | undefined> {
  if (request.token === undefined) return ok(undefined);
  const key = keyOf(request);
  const known = Object.hasOwn(cluster.replies, key) ? cluster.replies[key] : undefined;
  if (known === undefined) return ok(undefined);
  if (known.parameters === textOf(request.parameters)) return ok(known.made);
  return refuse(invalidParameter("The specified clientRequestToken was used before with other parameters.", { clusterName: cluster.name }));
}

/** The cluster with the answer remembered. */
export function rememberReply(cluster: ClusterRecord, request: TokenedRequest, made: string): ClusterRecord {
  if (request.token === undefined) return cluster;
  const entries = [...Object.entries(cluster.replies), [keyOf(request), { parameters: textOf(request.parameters), made }] as const];
  return { ...cluster, replies: Object.fromEntries(entries.slice(-REPLIES_MAX)) };
}

function keyOf({ operation, token }: TokenedRequest): string {
  return `${operation}:${token}`;
}

/** The same text for the same parameters, in whatever order they come. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
