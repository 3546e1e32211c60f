import type { KubeObject } from "@slash28/ports";
import { systemDaemonSet } from "./system-daemon-set.ts";

export const KUBE_PROXY_IMAGE = "slash28/kube-proxy";

const LABELS = { "k8s-app": "kube-proxy" } as const;

/**
 * The `kube-proxy` DaemonSet of every EKS cluster. The lab programs service rules by itself; the pod takes kube-proxy's place on each node,
 * which max pods counts: without it one pod more than there are addresses would be placed.
 */
export function kubeProxyDaemonSet(): KubeObject & { readonly spec: object } {
  return systemDaemonSet({
    name: "kube-proxy",
    labels: LABELS,
    pod: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "kube-proxy", image: `${KUBE_PROXY_IMAGE}:v0.1.0`, resources: { requests: { cpu: "100m" } } }],
    },
  });
}

/** What runs in that pod. */
export const KUBE_PROXY_PROGRAM: readonly string[] = [
  "/bin/sh",
  "-c",
  "echo 'the lab programs the rules of services by itself; this pod stands for kube-proxy'; trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done",
];
