import { fail, succeed, type KubeObject, type Result, type Store } from "@slash28/kube-store";

import type { Authorizer } from "../authorization/authorizer.ts";
import { escalationRefusal } from "../authorization/escalation-check.ts";
import { nodeRefusal } from "../authorization/node-restriction.ts";
import type { Identity } from "../face.ts";
import type { AdmissionAct, AdmissionStage } from "../operations/admission-stage.ts";

/** What stands in the way of a write because of who makes it: a kubelet keeps to its own, and nobody gives rights away they do not have. */
export class CallerStage implements AdmissionStage {
  readonly #store: Store;
  readonly #authorizer: Authorizer;
  readonly #caller: Identity;

  constructor(store: Store, authorizer: Authorizer, caller: Identity) {
    this.#store = store;
    this.#authorizer = authorizer;
    this.#caller = caller;
  }

  mutate(act: AdmissionAct): Result<KubeObject | undefined> {
    return succeed(act.object);
  }

  validate(act: AdmissionAct): Result<undefined> {
    const refused = nodeRefusal(this.#store, this.#caller, act) ?? escalationRefusal(this.#authorizer, this.#caller, act);
    return refused === undefined ? succeed(undefined) : fail(refused);
  }
}
