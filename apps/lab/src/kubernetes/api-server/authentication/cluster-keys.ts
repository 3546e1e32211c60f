import type { JWK } from "jose";

import type { KeptDocument } from "../../../state/index.ts";
import type { KeyPair } from "../certificates/authority.ts";

/** The secrets of a cluster that outlive its API server: without them every kubeconfig and token would be void after a restart. */
export interface ClusterKeys {
  /** The authority behind serving and client certificates. */
  readonly authority?: KeyPair;
  /** Keys of service account tokens, the one that signs last; of the others only the public part is left. */
  readonly signing?: readonly SavedSigningKey[];
}

export interface SavedSigningKey {
  readonly jwk: JWK;
  /** When it began to sign, milliseconds since the epoch. */
  readonly since: number;
}

/** The one place where a cluster's keys are read and changed; a change is kept before it returns. */
export class KeyRing {
  #keys: ClusterKeys;
  readonly #keep: (keys: ClusterKeys) => void;

  constructor(kept: KeptDocument<ClusterKeys> | undefined) {
    this.#keys = kept?.saved ?? {};
    this.#keep = (keys) => kept?.keep(keys);
  }

  get keys(): ClusterKeys {
    return this.#keys;
  }

  change(change: ClusterKeys): void {
    this.#keys = { ...this.#keys, ...change };
    this.#keep(this.#keys);
  }
}
