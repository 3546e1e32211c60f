import { AwsV4Signer } from "aws4fetch";
import { Fault, awsFaultCode, type Clock } from "@slash28/ports";
import { createBudgetedCalls, type BudgetedCalls } from "../budgeted-calls.ts";
import type { CredentialSource } from "../credentials.ts";
import { asRecord, reasonOf, textOf } from "../untrusted.ts";
import { parseErrorAnswer } from "../xml-answer.ts";
import { endpointOf } from "./endpoints.ts";
import { readJsonAnswer, readXmlAnswer, type AwsJson } from "./read-answer.ts";
import { requestOf, type AwsRead, type WireRequest } from "./read-request.ts";
import { READ_SCHEMAS, type AwsReadService } from "./schema.ts";

export interface AwsReaderOptions {
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number;
  /** `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` are honoured. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent?: string;
  /** One HTTP exchange; 15 seconds unless told. */
  readonly timeoutMs?: number;
}

/** What a read gave, in the shape that `aws … --output json` prints, or why it gave nothing: AWS's error code and what it said. */
export type AwsAnswer =
  | { readonly ok: true; readonly answer: AwsJson }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Reads AWS; an expected failure is a value. */
export interface AwsReader {
  /** All pages of one read. */
  read(read: AwsRead): Promise<AwsAnswer>;
}

/** Throttled reads wait their turn for so long: a snapshot may take its time. */
const PATIENCE_MS = 60_000;
/** No read of a snapshot has more; a service that repeats its token must not hold one for ever. */
const PAGES_MAX = 10_000;

/** Signed reads of EC2, EKS, IAM, Service Quotas and Elastic Load Balancing. Nothing that it can send changes anything. */
export function createAwsReader(options: AwsReaderOptions): AwsReader {
  // Every service has a budget of its own: being throttled by one says nothing of another.
  const budgets = new Map<AwsReadService, BudgetedCalls>();
  const callsOf = (service: AwsReadService): BudgetedCalls => {
    const calls = budgets.get(service) ?? createBudgetedCalls({ clock: options.clock, random: options.random });
    budgets.set(service, calls);
    return calls;
  };
  return {
    async read(read) {
      try {
        const pages: AwsJson[] = [];
        for (let token: string | undefined, left = PAGES_MAX; left > 0; left--) {
          const page = withToken(read, token);
          const answer = await callsOf(read.service)(read.operation, () => exchange(options, page), PATIENCE_MS);
          pages.push(answer);
          token = tokenOf(answer);
          if (token === undefined) return { ok: true, answer: joined(pages) };
        }
        return { ok: false, code: "TooManyPages", message: `${read.operation} goes on after ${PAGES_MAX} pages` };
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause;
        const { code, detail } = cause.fields;
        return {
          ok: false,
          code: typeof code === "string" ? code : cause.code,
          message: typeof detail === "string" ? detail : cause.message,
        };
      }
    },
  };
}

async function exchange(options: AwsReaderOptions, read: AwsRead): Promise<AwsJson> {
  const { service, operation } = read;
  const schema = READ_SCHEMAS[service];
  const { status, text } = await send(options, service, requestOf(read), operation);
  const isXml = schema.protocol === "ec2" || schema.protocol === "query";
  if (status < 200 || status >= 300) throw refusal(operation, status, isXml ? xmlError(text) : jsonError(text));
  const answer = isXml ? readXmlAnswer(schema, operation, text) : readJsonAnswer(schema, operation, text);
  if (answer === undefined) throw new Fault("EC2_FAILED", { api: operation, code: "UnexpectedAnswer", detail: text.slice(0, 200) });
  return answer;
}

async function send(
  options: AwsReaderOptions,
  service: AwsReadService,
  request: WireRequest,
  api: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const keys = await options.credentials();
  const { url, signingName, signingRegion } = endpointOf(service, options.region, options.env);
  const signer = new AwsV4Signer({
    method: request.method,
    url: `${url}${request.path}`,
    headers: { ...request.headers, "user-agent": options.userAgent ?? "slash28" },
    ...(request.body === undefined ? {} : { body: request.body }),
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
    service: signingName,
    region: signingRegion,
  });
  const signed = await signer.sign();
  try {
    const signal = AbortSignal.timeout(options.timeoutMs ?? 15_000);
    const reply = await fetch(signed.url, {
      method: request.method,
      headers: signed.headers,
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status: reply.status, text: await reply.text() };
  } catch (cause) {
    throw new Fault("EC2_UNREACHABLE", { api, code: "Unreachable", detail: reasonOf(cause) }, { cause });
  }
}

interface Refused {
  readonly code: string;
  readonly message: string;
}

function refusal(api: string, status: number, error: Refused | undefined): Fault {
  const { code, message } = error ?? { code: status >= 500 ? "ServiceUnavailable" : `HTTP ${status}`, message: `HTTP status ${status}` };
  return new Fault(awsFaultCode({ api, code, message, isForPrefixes: false }), { api, code, detail: message });
}

/** EC2 has `<Response><Errors><Error>`, the Query protocol `<ErrorResponse><Error>`. */
function xmlError(text: string): Refused | undefined {
  const found = parseErrorAnswer(text);
  if (found !== undefined) return found;
  const code = /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
  return code === undefined ? undefined : { code, message: /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? "" };
}

function jsonError(text: string): Refused | undefined {
  let body: ReturnType<typeof asRecord>;
  try {
    body = asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
  const type = textOf(body?.["__type"]) ?? textOf(body?.["code"]);
  const message = textOf(body?.["message"]) ?? textOf(body?.["Message"]) ?? "";
  return type === undefined ? (message === "" ? undefined : { code: "Refused", message }) : { code: type.replace(/^.*#/, ""), message };
}

function withToken(read: AwsRead, token: string | undefined): AwsRead {
  if (token === undefined) return read;
  const { protocol } = READ_SCHEMAS[read.service];
  const name = protocol === "query" ? "Marker" : protocol === "rest-json" ? "nextToken" : "NextToken";
  return { ...read, params: { ...read.params, [name]: token } };
}

const TOKENS = ["NextToken", "nextToken", "Marker", "NextMarker"];

function tokenOf(answer: AwsJson): string | undefined {
  const found = TOKENS.map((name) => answer[name]).find((value) => typeof value === "string" && value !== "");
  return textOf(found);
}

/** One answer of all pages, as the AWS CLI prints: lists one after the other, no token. */
function joined(pages: readonly AwsJson[]): AwsJson {
  const all: Record<string, unknown> = {};
  for (const page of pages) {
    for (const [name, value] of Object.entries(page)) {
      if (TOKENS.includes(name) || name === "IsTruncated") continue;
      const before = all[name];
      all[name] = Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value;
    }
  }
  return all;
}
