import { AwsV4Signer } from "aws4fetch";
import { Fault, type Clock } from "@slash28/ports";
import { createBudgetedCalls } from "./budgeted-calls.ts";
import type { AwsCredentials, CredentialSource } from "./credentials.ts";
import { UnexpectedAnswer } from "./eni-decoder.ts";
import { awsFault, type AwsError } from "./fault-table.ts";
import type { Meter } from "./meter.ts";
import { encodeQuery, type QueryParams } from "./query-encoder.ts";
import { reasonOf } from "./untrusted.ts";
import { parseAnswer, parseErrorAnswer, type XmlNode } from "./xml-answer.ts";

export interface Ec2CallOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly tries: number;
  readonly meter?: Meter;
}

export interface Ec2Request<T> {
  readonly api: string;
  readonly params: QueryParams;
  readonly about?: AwsError["about"];
  readonly decode: (answer: XmlNode) => T;
  /** How long it is tried when it is throttled, in milliseconds. */
  readonly patienceMs?: number;
}

export type Ec2Call = <T>(request: Ec2Request<T>) => Promise<T>;

/** Signed EC2 calls of one node, within its budget; each rejects with a `Fault` and nothing else. */
export function createEc2Call(options: Ec2CallOptions): Ec2Call {
  const { clock, random, tries } = options;
  const calls = createBudgetedCalls({ clock, random, tries });
  return <T>(request: Ec2Request<T>): Promise<T> => calls(request.api, () => callOnce(options, request), request.patienceMs);
}

async function callOnce<T>(options: Ec2CallOptions, request: Ec2Request<T>): Promise<T> {
  const keys = await options.credentials();
  const started = options.clock.now();
  let code = "";
  let failed = true;
  try {
    const reply = await send(options, keys, encodeQuery(request.api, request.params), request.api);
    code = String(reply.status);
    if (reply.status !== 200) {
      const error = parseErrorAnswer(reply.text) ?? { code: statusCode(reply.status), message: `HTTP status ${reply.status}` };
      code = error.code;
      throw awsFault({ api: request.api, ...error, about: request.about ?? {} });
    }
    const decoded = decode(request, reply.text);
    failed = false;
    return decoded;
  } finally {
    options.meter?.({ api: request.api, latencyMs: options.clock.now() - started, code, failed });
  }
}

function statusCode(status: number): string {
  if (status === 429) return "TooManyRequestsException";
  return status >= 500 ? "ServiceUnavailable" : "UnexpectedStatus";
}

async function send(options: Ec2CallOptions, keys: AwsCredentials, body: string, api: string): Promise<{ status: number; text: string }> {
  const signer = new AwsV4Signer({
    method: "POST",
    url: options.endpoint,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8", "user-agent": options.userAgent },
    body,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
    service: "ec2",
    region: options.region,
  });
  const signed = await signer.sign();
  try {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const reply = await fetch(signed.url, { method: "POST", headers: signed.headers, body, signal });
    return { status: reply.status, text: await reply.text() };
  } catch (cause) {
    throw new Fault("EC2_UNREACHABLE", { api, detail: reasonOf(cause) }, { cause });
  }
}

function decode<T>(request: Ec2Request<T>, xml: string): T {
  const answer = parseAnswer(xml);
  if (answer === undefined) throw unexpected(request.api, "the answer is not XML");
  try {
    return request.decode(answer);
  } catch (cause) {
    throw cause instanceof UnexpectedAnswer ? unexpected(request.api, cause.message, cause) : cause;
  }
}

function unexpected(api: string, detail: string, cause?: unknown): Fault {
  return new Fault("EC2_FAILED", { api, code: "UnexpectedAnswer", detail }, { cause });
}
