import type { Store } from "@slash28/kube-store";

import { Authenticator } from "../authentication/authenticator.ts";
import type { KeyRing } from "../authentication/cluster-keys.ts";
import { ServiceAccountTokens } from "../authentication/service-account-tokens.ts";
import { SigningKeys } from "../authentication/signing-keys.ts";
import type { ApiServerOptions } from "../face.ts";
import { Authorizer } from "./authorizer.ts";
import { followAggregation } from "./reconcile-defaults.ts";

/** The audience of tokens that are for the API server, whoever issued them: EKS keeps it beside an issuer of its own. */
const OWN_AUDIENCE = "https://kubernetes.default.svc";

/** Who somebody is, and what they may do. */
export interface Access {
  readonly authorizer: Authorizer;
  readonly authenticator: Authenticator;
  readonly tokens: ServiceAccountTokens;
  readonly signingKeys: SigningKeys;
  /** Where the public keys of tokens are said to be, a URL. */
  readonly keySetUrl: string;
}

export function createAccess(options: ApiServerOptions, store: Store, ring: KeyRing): Access {
  const { clock, log, identifyToken, issuer = OWN_AUDIENCE } = options;
  const now = (): number => clock.now();
  const signingKeys = new SigningKeys(ring, now);
  const audiences = [...new Set([OWN_AUDIENCE, issuer])];
  const tokens = new ServiceAccountTokens({ issuer, audiences, keys: signingKeys, store, now });
  const authorizer = new Authorizer(store);
  followAggregation(store);
  return {
    authorizer,
    authenticator: new Authenticator({ tokens, identifyToken, log }),
    tokens,
    signingKeys,
    keySetUrl: options.keySetUrl ?? `${issuer}/openid/v1/jwks`,
  };
}
