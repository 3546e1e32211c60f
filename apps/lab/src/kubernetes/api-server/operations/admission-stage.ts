import type { KubeObject, Result } from "@slash28/kube-store";

import type { ResourceDefinition } from "../resources/resource-definition.ts";
import type { SentKind } from "./sent-kinds.ts";

/** What somebody is about to do to one object, as admission looks at it (Kubernetes docs, "Dynamic Admission Control"). */
export interface AdmissionAct {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly definition: ResourceDefinition;
  readonly name: string;
  readonly namespace: string | undefined;
  /** `status`, `scale`, `eviction`; absent for the object itself. */
  readonly subresource?: string | undefined;
  /** What `object` and `before` are, where they are none of the definition's kind: an Eviction that is sent to a pod. */
  readonly sent?: SentKind | undefined;
  /** The object as it would be stored, with every default filled in; what is sent to a part that stores nothing. Absent on DELETE. */
  readonly object?: KubeObject | undefined;
  /** What is stored now. Absent on CREATE and CONNECT. */
  readonly before?: KubeObject | undefined;
  readonly isDryRun: boolean;
}

/**
 * Admission that depends on who is asking: webhooks, policies, what a node or a giver of rights may do. A write goes through it twice:
 * `mutate` stands after defaults and before the checks, `validate` after the checks and before the object is stored. Both answer at once;
 * one that has to ask somebody else first answers with a failure that makes its caller try the write again.
 */
export interface AdmissionStage {
  /** The object to go on with: the act's own, or one changed by what admits it. */
  mutate(act: AdmissionAct): Result<KubeObject | undefined>;
  validate(act: AdmissionAct): Result<undefined>;
}
