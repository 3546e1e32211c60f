import type { KubeObject } from "@slash28/ports";

export const KUBE_PROXY_IMAGE = "slash28/kube-proxy";

const LABELS = { "k8s-app": "kube-proxy" } as const;

/**
 * The `kube-proxy` DaemonSet of every EKS cluster. The lab programs service rules by itself; the pod takes kube-proxy's place on each node,
 * which max pods counts: without it one pod more than there are addresses would be placed.
 */
export function kubeProxyDaemonSet(): KubeObject & { readonly spec: object } {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "kube-proxy", namespace: "kube-system", labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
      template: {
        metadata: { labels: LABELS },
        spec: {
          priorityClassName: "system-node-critical",
          hostNetwork: true,
          terminationGracePeriodSeconds: 1,
          tolerations: [{ operator: "Exists" }],
          containers: [{ name: "kube-proxy", image: `${KUBE_PROXY_IMAGE}:v0.1.0`, resources: { requests: { cpu: "100m" } } }],
        },
      },
    },
  };
}

/** What runs in that pod. */
export const KUBE_PROXY_PROGRAM: readonly string[] = [
  "/bin/sh",
  "-c",
  "echo 'the lab programs the rules of services by itself; this pod stands for kube-proxy'; trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done",
];
