import type { KubeObject } from "@slash28/ports";

/** What every namespace holds: an account for its pods, and the cluster's CA for them to trust. */
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

export interface NamespaceObserved {
  readonly namespace: KubeObject;
  /** Its accounts and config maps. */
  readonly contents: readonly KubeObject[];
  readonly caPem: string | undefined;
}

/** The defaults a namespace lacks. One on its way out is given nothing any more. */
export function missingDefaults({ namespace, contents, caPem }: NamespaceObserved): readonly KubeObject[] {
  if (namespace.metadata.deletionTimestamp !== undefined) return [];
  const there = new Set(contents.map((object) => `${object.kind}/${object.metadata.name}`));
  return namespaceDefaults(namespace.metadata.name, caPem).filter((object) => !there.has(`${object.kind}/${object.metadata.name}`));
}
