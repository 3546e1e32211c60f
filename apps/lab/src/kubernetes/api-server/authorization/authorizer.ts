import { AccessBook, isPath, type Attributes, type Decision, type PolicyRule, type RbacResource } from "@slash28/kube-rbac";
import type { ApiFailure, KubeObject, Store } from "@slash28/kube-store";

import type { Identity } from "../face.ts";
import { storageName } from "../resources/resource-definition.ts";
import { forbiddenTo } from "./forbidden.ts";
import { decideForNode } from "./node-authorizer.ts";

const MASTERS = "system:masters";

const RBAC: readonly RbacResource[] = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"];
const BY_STORAGE = new Map(RBAC.map((resource) => [storageName("rbac.authorization.k8s.io", resource), resource]));

/** Who may do what in this cluster: the group `system:masters` everything, nodes what is theirs, and everyone what RBAC gives. */
export class Authorizer {
  readonly #book = new AccessBook();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    for (const [storage, resource] of BY_STORAGE) for (const object of store.list(storage)) this.#book.put(resource, object);
    store.onWrite(({ resource: storage, before, after }) => {
      const resource = BY_STORAGE.get(storage);
      if (resource === undefined) return;
      if (after !== undefined) this.#book.put(resource, after);
      else if (before !== undefined) this.#book.remove(resource, before.metadata.name, before.metadata.namespace);
    });
  }

  decide(identity: Identity, attributes: Attributes): Decision {
    if (identity.groups.includes(MASTERS)) return { isAllowed: true, reason: "" };
    const asNode = isPath(attributes) ? undefined : decideForNode(this.#store, identity, attributes);
    if (asNode?.isAllowed === true) return asNode;
    const decision = this.#book.decide(identity, attributes);
    if (decision.isAllowed || asNode === undefined) return decision;
    return { isAllowed: false, reason: [asNode.reason, decision.reason].filter((text) => text !== "").join(", ") };
  }

  /** The 403 for somebody who may not; `undefined` for somebody who may. */
  refusal(identity: Identity, attributes: Attributes): ApiFailure | undefined {
    const { isAllowed, reason } = this.decide(identity, attributes);
    return isAllowed ? undefined : forbiddenTo(identity, attributes, reason);
  }

  /** What RBAC gives somebody in a namespace, or without one everywhere. */
  rulesOf(identity: Identity, namespace: string | undefined): readonly PolicyRule[] {
    return this.#book.rulesOf(identity, namespace);
  }

  /** The rules of the role a binding leads to; `undefined` when there is no such role. */
  rulesBehind(binding: KubeObject): readonly PolicyRule[] | undefined {
    return this.#book.rulesBehind(binding);
  }
}
