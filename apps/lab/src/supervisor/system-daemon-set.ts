import type { KubeObject } from "@slash28/ports";

export interface SystemDaemonSet {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What its pods are told by; all labels when absent. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Containers, and whatever else of the pod's spec is this one's own. */
  readonly pod: object;
}

/** A program of the system on every node, as EKS runs its own: on the node's network, whatever the node's taints, rolled a tenth of the nodes at a time. */
export function systemDaemonSet({ name, labels, matchLabels = labels, pod }: SystemDaemonSet): KubeObject & { readonly spec: object } {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: "kube-system", labels },
    spec: {
      selector: { matchLabels },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
      template: {
        metadata: { labels },
        spec: { priorityClassName: "system-node-critical", hostNetwork: true, tolerations: [{ operator: "Exists" }], ...pod },
      },
    },
  };
}
