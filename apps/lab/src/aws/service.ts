import type { AnyAction } from "./action.ts";
import type { ServiceSchema } from "./wire/schema.ts";

/**
 * A service with a protocol of its own behind the shared port: REST-JSON (EKS, EKS Auth), AWS JSON by `X-Amz-Target`, CBOR by path. The
 * endpoint asks each in turn; what nobody takes is a form (EC2, STS, IAM).
 */
export interface AwsService {
  /** Whether the request is for this service, judged by path and headers alone. */
  takes(request: Request): boolean;
  /** Answers it. Never rejects; errors are answers in the service's own protocol. */
  answer(request: Request, requestId: string): Promise<Response>;
}

/** A service of the form protocols: found by the form's `Version`. */
export interface FormService {
  /** The prefix IAM knows it by, and the service of its signatures. */
  readonly name: string;
  readonly schema: ServiceSchema;
  readonly actions: ReadonlyMap<string, AnyAction>;
}

export function formService(name: string, schema: ServiceSchema, actions: readonly AnyAction[]): FormService {
  return { name, schema, actions: new Map(actions.map((action) => [action.name, action])) };
}
