import type { Log } from "@slash28/ports";
import { AwsError } from "../aws-error.ts";
import { signerOf, type Gate, type Signer } from "../gate.ts";
import { internalError } from "../internal-error.ts";
import type { AwsService } from "../service.ts";
import { credentialScope } from "../wire/credential-scope.ts";
import { readBody } from "../wire/request-body.ts";
import { decodeRestInput, type RestInput } from "./decode.ts";
import { encodeRestOutput } from "./encode.ts";
import { hasPath, matchRoute } from "./match-route.ts";
import { RestError, unreadable } from "./rest-error.ts";
import type { RestSchema } from "./schema.ts";

/** What an operation gets besides its input. */
export type RestCall = Signer;

/**
 * One operation of a REST-JSON service. `Input` and `Output` are the SDK's types: the generated schema has the same members, so what type checks
 * here is what clients send and read.
 */
export interface RestOperation<Input, Output> {
  readonly name: string;
  /** @throws {RestError} the answer when it is an error */
  run(input: Input, call: RestCall): Output | Promise<Output>;
}

/** An operation whose types the table does not tell apart. */
export type AnyRestOperation = RestOperation<RestInput, object>;

export function restOperation<Input, Output extends object>(
  name: string,
  run: (input: Input, call: RestCall) => Output | Promise<Output>,
): AnyRestOperation {
  return { name, run } as RestOperation<Input, Output> as unknown as AnyRestOperation;
}

export interface RestServiceOptions {
  /** The prefix IAM knows it by, and the service of its signatures. */
  readonly name: string;
  readonly schema: RestSchema;
  /** What the service is called in its errors. */
  readonly title: string;
  readonly operations: readonly AnyRestOperation[];
  /** What every request passes before its operation sees it. */
  readonly gate: Gate;
  readonly log: Log;
}

/** Answers the requests of a REST-JSON service (Smithy: restJson1) by its published routes. */
export function createRestService(options: RestServiceOptions): AwsService {
  const operations = new Map(options.operations.map((operation) => [operation.name, operation]));
  return {
    takes(request) {
      const signed = credentialScope(request.headers.get("authorization"))?.service;
      return signed === undefined ? hasPath(options.schema, new URL(request.url).pathname) : signed === options.name;
    },
    async answer(request, requestId) {
      try {
        return jsonResponse(200, requestId, await perform(options, operations, request));
      } catch (cause) {
        const error = cause instanceof RestError ? cause : inRestWords(options.log, requestId, cause);
        return jsonResponse(error.status, requestId, { message: error.message, ...error.fields }, error.code);
      }
    },
  };
}

async function perform(
  { name, schema, title, gate }: RestServiceOptions,
  operations: ReadonlyMap<string, AnyRestOperation>,
  request: Request,
): Promise<object> {
  const url = new URL(request.url);
  const route = matchRoute(schema, request.method, url.pathname);
  if (route === undefined) {
    throw new RestError("UnknownOperationException", `${title} has no operation at ${request.method} ${url.pathname}.`, 404);
  }
  const operation = operations.get(route.name);
  const shapes = schema.operations[route.name];
  if (operation === undefined || shapes === undefined) {
    throw new RestError("UnknownOperationException", `${route.name} is a real operation of ${title} that this lab does not have.`, 501);
  }
  const body = await readBody(request);
  const input = decodeRestInput(schema, shapes.input, { labels: route.labels, query: url.searchParams, body: jsonIn(body) });
  const signer = signerOf(request, body);
  await gate.pass({ ...signer, service: name, action: operation.name, mutates: !/^(Describe|List)/.test(operation.name), input });
  return encodeRestOutput(schema, shapes.output, await operation.run(input, signer));
}

function jsonIn(body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body);
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable("The request's body is not JSON.");
  }
}

/** What all services share refuses, and fails, in the form services' words. */
function inRestWords(log: Log, requestId: string, cause: unknown): RestError {
  const error = cause instanceof AwsError ? cause : internalError(log, requestId, cause);
  const [code, status] = SHARED_REFUSALS[error.code] ?? [error.code, error.status];
  return new RestError(code, error.message, status);
}

const SHARED_REFUSALS: Readonly<Record<string, readonly [code: string, status: number]>> = {
  AccessDenied: ["AccessDeniedException", 403],
  UnauthorizedOperation: ["AccessDeniedException", 403],
  ExpiredToken: ["ExpiredTokenException", 403],
  InvalidClientTokenId: ["UnrecognizedClientException", 403],
  MissingAuthenticationToken: ["MissingAuthenticationTokenException", 403],
  RequestEntityTooLarge: ["RequestEntityTooLargeException", 413],
  SignatureDoesNotMatch: ["InvalidSignatureException", 403],
  RequestLimitExceeded: ["ThrottlingException", 429],
  Throttling: ["ThrottlingException", 429],
  Unavailable: ["ServiceUnavailableException", 503],
  InternalError: ["ServerException", 500],
};

function jsonResponse(status: number, requestId: string, body: object, errorType?: string): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/json",
      "x-amzn-requestid": requestId,
      ...(errorType === undefined ? {} : { "x-amzn-errortype": errorType }),
    },
  });
}
