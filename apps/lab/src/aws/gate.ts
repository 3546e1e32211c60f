import type { Clock } from "@slash28/ports";
import { AwsError } from "./aws-error.ts";
import { credentialScope, type CredentialScope } from "./wire/credential-scope.ts";

/** A request as it came, for whoever checks its signature. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Pick<Headers, "get">;
  readonly body: Uint8Array;
}

/** Who asks, as far as a request's headers tell. */
export interface Signer {
  /** Who signed; `undefined` when nobody did. */
  readonly caller: CredentialScope | undefined;
  /** The session token sent with temporary credentials. */
  readonly sessionToken: string | undefined;
  /** What the signature is of; absent for what did not come over the wire. */
  readonly signed?: SignedRequest;
}

const NO_BODY = new Uint8Array();

/** Reads who signed a request; its body, which can be read only once, comes with it. */
export function signerOf(request: Request, body: Uint8Array = NO_BODY): Signer {
  const { headers, method, url } = request;
  return {
    caller: credentialScope(headers.get("authorization")),
    sessionToken: headers.get("x-amz-security-token") ?? undefined,
    signed: { method, url, headers, body },
  };
}

/** A request that is about to be carried out: who asks which service for what. */
export interface Attempt extends Signer {
  /** The prefix IAM knows the service by: `ec2`, `sts`, `iam`, `eks`, … */
  readonly service: string;
  readonly action: string;
  readonly mutates: boolean;
  /** Decoded parameters. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What stands in the way of an attempt: a refusal, or a wait. */
export type Hindrance = AwsError | { readonly delayMs: number };

/** Looks at every attempt, of every service. Synchronous and quick: it is on the way of each request. */
export type GateRule = (attempt: Attempt) => Hindrance | undefined;

/** What every request of every service passes before it does anything: permissions, and faults an operator has ordered. */
export interface Gate {
  /** Rejects with the {@link AwsError} of the first rule that refuses; else resolves after the longest wait a rule asks for. */
  pass(attempt: Attempt): Promise<void>;
  /** Rules are asked in the order they were added. The result takes the rule away. */
  add(rule: GateRule): () => void;
}

export function createGate(clock: Pick<Clock, "sleep">): Gate {
  const rules = new Set<GateRule>();
  return {
    async pass(attempt) {
      let delayMs = 0;
      for (const rule of rules) {
        const hindrance = rule(attempt);
        if (hindrance === undefined) continue;
        if (hindrance instanceof AwsError) throw hindrance;
        delayMs = Math.max(delayMs, hindrance.delayMs);
      }
      if (delayMs > 0) await clock.sleep(delayMs);
    },
    add(rule) {
      // Wrapped, so that the same function added twice is two rules.
      const own: GateRule = (attempt) => rule(attempt);
      rules.add(own);
      return () => void rules.delete(own);
    },
  };
}
