import type { Clock } from "@slash28/ports";
import { AwsError } from "./aws-error.ts";
import { credentialScope, type CredentialScope } from "./wire/credential-scope.ts";

/** Who asks, as far as a request's headers tell. */
export interface Signer {
  /** Who signed; `undefined` when nobody did. */
  readonly caller: CredentialScope | undefined;
  /** The session token sent with temporary credentials. */
  readonly sessionToken: string | undefined;
}

export function signerOf({ headers }: Request): Signer {
  return { caller: credentialScope(headers.get("authorization")), sessionToken: headers.get("x-amz-security-token") ?? undefined };
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
