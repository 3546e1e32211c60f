import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import type { AnyAction } from "../action.ts";
import { AwsError } from "../aws-error.ts";
import { signerOf, type Gate } from "../gate.ts";
import { internalError } from "../internal-error.ts";
import type { AwsService } from "../service.ts";
import { readBody } from "../wire/request-body.ts";
import type { ServiceSchema } from "../wire/schema.ts";
import { CBOR_FORM, readCbor, writeCbor } from "./cbor-form.ts";
import { JSON_FORM, readInput, writeOutput, type ValueForm } from "./values.ts";

export interface JsonServiceOptions {
  /** The prefix IAM knows it by. */
  readonly name: string;
  /** What stands before the operation in `X-Amz-Target`, and in the path of CBOR requests. */
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly schema: ServiceSchema;
  readonly actions: readonly AnyAction[];
  /** The name an error has in this protocol, where it differs from the code the form protocols have. */
  readonly errorShapes: Readonly<Record<string, string>>;
  /** Whether the service also speaks CBOR and tells clients the code that the form protocol has. */
  readonly hasOtherForms: boolean;
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly log: Log;
}

/** What every service calls these, beside its own errors. */
const COMMON_SHAPES: Readonly<Record<string, string>> = {
  AccessDenied: "AccessDeniedException",
  ExpiredToken: "ExpiredTokenException",
  InternalError: "InternalServiceFault",
  InvalidAction: "UnknownOperationException",
  InvalidClientTokenId: "UnrecognizedClientException",
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  RequestLimitExceeded: "ThrottlingException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  Throttling: "ThrottlingException",
  UnsupportedOperation: "UnsupportedOperationException",
};

/** One request in one of the protocols: which operation, and how values travel. */
interface Envelope {
  readonly operation: string;
  readonly isCbor: boolean;
  readonly form: ValueForm;
}

/** Answers AWS JSON (awsJson1_0, awsJson1_1) by `X-Amz-Target`, and Smithy's RPC v2 CBOR by path. */
export function createJsonService(options: JsonServiceOptions): AwsService {
  const actions = new Map(options.actions.map((action) => [action.name, action]));
  return {
    takes: (request) => envelopeOf(options, request) !== undefined,
    async answer(request, requestId) {
      const envelope = envelopeOf(options, request) ?? { operation: "", isCbor: false, form: JSON_FORM };
      try {
        const output = await perform(options, actions, envelope, request);
        return reply(options, envelope, { status: 200, requestId, body: writeOutput(output, envelope.form) });
      } catch (cause) {
        const error = cause instanceof AwsError ? cause : internalError(options.log, requestId, cause);
        const shape = options.errorShapes[error.code] ?? COMMON_SHAPES[error.code] ?? error.code;
        const body = { __type: shape, message: error.message };
        return reply(options, envelope, { status: error.status, requestId, body, error });
      }
    },
  };
}

function envelopeOf({ target, hasOtherForms }: JsonServiceOptions, request: Request): Envelope | undefined {
  const [prefix, operation] = (request.headers.get("x-amz-target") ?? "").split(".");
  if (prefix === target) return { operation: operation ?? "", isCbor: false, form: JSON_FORM };
  if (!hasOtherForms) return undefined;
  const path = /^\/service\/([^/]+)\/operation\/([^/]+)$/.exec(new URL(request.url).pathname);
  return path?.[1] === target ? { operation: path[2] ?? "", isCbor: true, form: CBOR_FORM } : undefined;
}

async function perform(
  { name, schema, gate, cloud, clock }: JsonServiceOptions,
  actions: ReadonlyMap<string, AnyAction>,
  { operation, isCbor, form }: Envelope,
  request: Request,
): Promise<object> {
  const action = actions.get(operation);
  if (action === undefined) {
    if (schema.otherActions.includes(operation)) {
      throw new AwsError("UnsupportedOperation", `${operation} is a real operation that this lab's endpoint does not have.`);
    }
    throw new AwsError("InvalidAction", `The operation '${operation.slice(0, 100)}' is not one of this service's.`);
  }
  const body = await readBody(request);
  const input = readInput(schema, schema.operations[operation]?.input, valueIn(body, isCbor), form);
  const signer = signerOf(request, body);
  await gate.pass({ ...signer, service: name, action: operation, mutates: action.mutates, input });
  return action.run(input, { cloud, call: { now: clock.now() }, caller: signer.caller });
}

function valueIn(bytes: Uint8Array, isCbor: boolean): unknown {
  if (isCbor) return readCbor(bytes);
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError("SerializationException", "The request's body is not JSON.");
  }
}

interface Reply {
  readonly status: number;
  readonly requestId: string;
  readonly body: unknown;
  readonly error?: AwsError;
}

function reply(options: JsonServiceOptions, { isCbor }: Envelope, { status, requestId, body, error }: Reply): Response {
  const blame = status >= 500 ? "Receiver" : "Sender";
  const headers = {
    "content-type": isCbor ? "application/cbor" : `application/x-amz-json-${options.version}`,
    "x-amzn-requestid": requestId,
    ...(isCbor ? { "smithy-protocol": "rpc-v2-cbor" } : {}),
    ...(error === undefined || !options.hasOtherForms ? {} : { "x-amzn-query-error": `${error.code};${blame}` }),
  };
  return new Response(isCbor ? writeCbor(body) : JSON.stringify(body), { status, headers });
}
