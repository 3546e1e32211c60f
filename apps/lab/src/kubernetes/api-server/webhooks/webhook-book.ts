import type { KubeObject, Store } from "@slash28/kube-store";

import { policyOf, type Policy } from "./policy.ts";
import { webhooksOf, type Webhook } from "./webhook.ts";

const GROUP = "admissionregistration.k8s.io";
const MUTATING = `mutatingwebhookconfigurations.${GROUP}`;
const VALIDATING = `validatingwebhookconfigurations.${GROUP}`;
const POLICIES = `validatingadmissionpolicies.${GROUP}`;
const BINDINGS = `validatingadmissionpolicybindings.${GROUP}`;

/** Every webhook and policy there is, compiled, by the names of their configurations. */
export class WebhookBook {
  readonly #store: Store;
  #mutating: readonly Webhook[] = [];
  #validating: readonly Webhook[] = [];
  #policies: readonly Policy[] = [];

  constructor(store: Store) {
    this.#store = store;
    for (const resource of [MUTATING, VALIDATING, POLICIES]) this.#read(resource);
    store.onWrite(({ resource }) => this.#read(resource));
  }

  get mutating(): readonly Webhook[] {
    return this.#mutating;
  }

  get validating(): readonly Webhook[] {
    return this.#validating;
  }

  get policies(): readonly Policy[] {
    return this.#policies;
  }

  #read(resource: string): void {
    switch (resource) {
      case MUTATING:
        this.#mutating = this.#list(MUTATING).flatMap(webhooksOf);
        return;
      case VALIDATING:
        this.#validating = this.#list(VALIDATING).flatMap(webhooksOf);
        return;
      case POLICIES:
      case BINDINGS:
        this.#policies = this.#list(POLICIES).map((policy) => policyOf(policy, this.#list(BINDINGS)));
        return;
      default:
    }
  }

  #list(resource: string): readonly KubeObject[] {
    return this.#store.list(resource);
  }
}
