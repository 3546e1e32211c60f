import type { KubeObject } from "@slash28/ports";

/** Namespaces every cluster starts with. */
export const FIRST_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** What every namespace holds from the start: an account for its pods, and the cluster's CA for them to trust. */
export function namespaceDefaults(namespace: string, caPem: string | undefined): readonly KubeObject[] {
  const account: KubeObject = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } };
  if (caPem === undefined) return [account];
  const ca: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kube-root-ca.crt", namespace },
    data: { "ca.crt": caPem },
  };
  return [account, ca];
}

export type NamespacePlan =
  /** Live: these of its defaults are missing. */
  | { readonly kind: "fill"; readonly create: readonly KubeObject[] }
  /** On its way out: these objects hold it. */
  | { readonly kind: "empty"; readonly delete: readonly KubeObject[] }
  | { readonly kind: "finalize" }
  | { readonly kind: "none" };

export interface NamespaceObserved {
  readonly namespace: KubeObject;
  /** Everything in it. */
  readonly contents: readonly KubeObject[];
  readonly caPem: string | undefined;
}

export function reconcileNamespace({ namespace, contents, caPem }: NamespaceObserved): NamespacePlan {
  if (namespace.metadata.deletionTimestamp === undefined) {
    const there = new Set(contents.map((object) => `${object.kind}/${object.metadata.name}`));
    const missing = namespaceDefaults(namespace.metadata.name, caPem).filter(
      (object) => !there.has(`${object.kind}/${object.metadata.name}`),
    );
    return missing.length === 0 ? { kind: "none" } : { kind: "fill", create: missing };
  }
  if (contents.length === 0) return { kind: "finalize" };
  const standing = contents.filter((object) => object.metadata.deletionTimestamp === undefined);
  return standing.length === 0 ? { kind: "none" } : { kind: "empty", delete: standing };
}
