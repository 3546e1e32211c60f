import { fieldsOf, succeed, type KubeObject, type Result } from "@slash28/kube-store";

import type { AdmissionAct, AdmissionStage } from "./admission-stage.ts";
import type { NamedTarget } from "./cluster.ts";

/** The kind of what is sent to a part of an object, where that is not the object itself. */
export interface SentKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Options of a connection have no metadata. */
  readonly isBare?: boolean;
}

/** By the part that they are sent to, as the API names it (Kubernetes API reference). */
export const SENT_KINDS = {
  binding: { group: "", version: "v1", kind: "Binding" },
  eviction: { group: "policy", version: "v1", kind: "Eviction" },
  scale: { group: "autoscaling", version: "v1", kind: "Scale" },
  token: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
  exec: { group: "", version: "v1", kind: "PodExecOptions", isBare: true },
  attach: { group: "", version: "v1", kind: "PodAttachOptions", isBare: true },
  portforward: { group: "", version: "v1", kind: "PodPortForwardOptions", isBare: true },
} as const satisfies Readonly<Record<string, SentKind>>;

/** Something sent to a part of an object that stores nothing by itself. */
export interface SentAct {
  readonly operation: "CREATE" | "CONNECT";
  readonly subresource: keyof typeof SENT_KINDS;
  readonly target: NamedTarget;
  readonly body: unknown;
  readonly isDryRun?: boolean | undefined;
}

/** What was sent, as admission leaves it; its failure is admission's refusal. Nothing is changed by it. */
export function admitSent(stage: AdmissionStage | undefined, sent: SentAct): Result<KubeObject> {
  const act = actOf(sent);
  if (stage === undefined) return succeed(act.object);
  const mutated = stage.mutate(act);
  if (!mutated.ok) return mutated;
  const object = mutated.value ?? act.object;
  const validated = stage.validate({ ...act, object });
  return validated.ok ? succeed(object) : validated;
}

function actOf({ operation, subresource, target, body, isDryRun = false }: SentAct): AdmissionAct & { readonly object: KubeObject } {
  const { definition, name, namespace } = target;
  const sent: SentKind = SENT_KINDS[subresource];
  const fields = fieldsOf(body);
  const object: KubeObject = {
    ...fields,
    apiVersion: sent.group === "" ? sent.version : `${sent.group}/${sent.version}`,
    kind: sent.kind,
    metadata: { ...fieldsOf(fields["metadata"]), name, ...(namespace === undefined ? {} : { namespace }) },
  };
  // A binding may also be sent to a collection of its own, and is then no part of a pod.
  const part = definition.kind === sent.kind ? undefined : subresource;
  return { operation, definition, name, namespace, subresource: part, sent, object, isDryRun };
}
