import type { Log } from "@slash28/ports";

import type { Identity } from "../face.ts";
import type { ServiceAccountTokens, TokenVerdict } from "./service-account-tokens.ts";

export interface AuthenticatorOptions {
  readonly tokens: ServiceAccountTokens;
  readonly identifyToken: ((token: string) => Promise<Identity | undefined>) | undefined;
  readonly log: Log;
}

/** Finds out whom a bearer token belongs to: the cluster's own service accounts first, then whoever else knows tokens. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  async review(token: string, audiences: readonly string[] = []): Promise<TokenVerdict> {
    const { tokens, identifyToken } = this.#options;
    const own = await tokens.review(token, audiences);
    if (own.ok || own.isForeign !== true || identifyToken === undefined) return own;
    const identity = await this.#identifyForeign(identifyToken, token);
    if (identity === undefined) return own;
    // Such a token says nothing of audiences: it is for the API server.
    const wanted = audiences.length === 0 ? tokens.audiences : audiences.filter((one) => tokens.audiences.includes(one));
    return wanted.length > 0 ? { ok: true, identity, audiences: wanted } : { ok: false, why: "the token is for the API server only" };
  }

  /** A foreign token that cannot be looked into now is as good as an unknown one: its sender may come again. */
  async #identifyForeign(identifyToken: NonNullable<AuthenticatorOptions["identifyToken"]>, token: string): Promise<Identity | undefined> {
    try {
      return await identifyToken(token);
    } catch (cause) {
      this.#options.log.warn("a bearer token could not be looked into", { detail: cause instanceof Error ? cause.message : String(cause) });
      return undefined;
    }
  }
}
