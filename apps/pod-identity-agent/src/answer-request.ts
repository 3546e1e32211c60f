import type { IncomingMessage } from "node:http";
import {
  checkRequest,
  credentialsText,
  fullBucket,
  takeToken,
  type BucketRate,
  type ExchangeFailure,
  type PodCredentials,
  type TokenBucket,
} from "@slash28/pod-identity";
import type { Clock, Log, LogFields, Metrics } from "@slash28/ports";
import type { CredentialDesk } from "./credential-desk.ts";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface AnswerOptions {
  readonly desk: CredentialDesk;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Upstream's limit of each address: far more than a node's pods ask, far less than a loop gone wrong. */
const LIMIT: BucketRate = { perSecond: 1_000, burst: 500 };
const PATH = "/v1/credentials";
const PLAIN = "text/plain; charset=utf-8";

/** Answers the requests that come to one address. */
export function createAnswers({ desk, clock, metrics, log }: AnswerOptions): (request: IncomingMessage) => Promise<Answer> {
  let bucket: TokenBucket = fullBucket(LIMIT, clock.now());
  return async (request) => {
    if ((request.url ?? "/").split("?")[0] !== PATH) return plain(404, "404 page not found");
    const began = clock.now();
    const left = takeToken(bucket, LIMIT, began);
    if (left === undefined) return plain(429, "Too Many Requests");
    bucket = left;
    const [answer, fields] = await answerCredentials(desk, request, began);
    metrics.add("pod_identity_http_response", { code: String(answer.status) });
    const told = { "client-addr": request.socket.remoteAddress, request_time_ms: clock.now() - began, ...fields };
    if (answer.status === 200) log.info("a pod has its credentials", told);
    else log.warn("a pod was refused credentials", { ...told, status: answer.status, detail: answer.body.trimEnd() });
    return answer;
  };
}

async function answerCredentials(desk: CredentialDesk, { headers }: IncomingMessage, nowMs: number): Promise<[Answer, LogFields]> {
  const checked = checkRequest({ host: headers.host, authorization: headers.authorization }, nowMs, textOf);
  if (!checked.ok) return [plain(checked.status, checked.message), {}];
  const { exchanged, isFromCache } = await desk.credentials(checked.token);
  return exchanged.ok
    ? [granted(exchanged.credentials), { "cache-hit": isFromCache, ...fieldsOf(exchanged.credentials) }]
    : [refused(exchanged.failure), { "cache-hit": false }];
}

function granted(credentials: PodCredentials): Answer {
  return { status: 200, type: "application/json", body: credentialsText(credentials, (ms) => new Date(ms).toISOString()) };
}

function refused({ status, message }: ExchangeFailure): Answer {
  return plain(status, message);
}

function fieldsOf({ association }: PodCredentials): LogFields {
  return { "association-id": association.id, fetched_role_arn: association.roleArn, fetched_role_id: association.roleId };
}

function plain(status: number, message: string): Answer {
  return { status, type: PLAIN, body: `${message}\n` };
}

function textOf(part: string): string {
  return Buffer.from(part, "base64url").toString("utf8");
}
