import { fieldsOf, textOf, at, type KubeObject, type Store } from "@slash28/kube-store";
import { identityOfPod, withIdentity, type IdentitySettings } from "@slash28/pod-identity";

import type { AdmissionAct } from "../operations/admission-stage.ts";

/** What EKS knows of a cluster's pods that the cluster does not: which service accounts have pod identity associations. */
export interface PodIdentitySource extends IdentitySettings {
  readonly isAssociated: (namespace: string, serviceAccount: string) => boolean;
}

/**
 * The new pod with what its SDKs need for the credentials of its service account. On EKS a webhook in the control plane does this
 * (`pod-identity-webhook`); here it is part of admission, after every other webhook, as that one is asked again after changes.
 */
export function withPodIdentity(act: AdmissionAct, store: Pick<Store, "get">, source: PodIdentitySource): KubeObject | undefined {
  const { object: pod, namespace } = act;
  if (act.operation !== "CREATE" || act.definition.storage !== "pods" || act.subresource !== undefined) return pod;
  if (pod === undefined || namespace === undefined) return pod;
  const account = textOf(at(pod, "spec", "serviceAccountName")) ?? "default";
  const found = store.get("serviceaccounts", { name: account, namespace });
  const facts = {
    pod,
    accountAnnotations: fieldsOf(found?.metadata.annotations),
    isAssociated: source.isAssociated(namespace, account),
    draw: drawOf(pod),
  };
  const identity = identityOfPod(facts, source);
  return identity === undefined ? pod : withIdentity(pod, identity, source);
}

/** The same for a pod however often its creation is tried. */
function drawOf({ metadata }: KubeObject): number {
  const digits = (metadata.uid ?? "").replaceAll(/[^0-9a-f]/g, "").slice(0, 8);
  return Number.parseInt(digits.padEnd(8, "0"), 16) / 2 ** 32;
}
