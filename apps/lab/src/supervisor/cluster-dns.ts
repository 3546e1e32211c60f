import { RESOURCES } from "@slash28/kube";
import type { KubeResource } from "@slash28/ports";
import type { Placed } from "./custom-resources.ts";

export const CLUSTER_DOMAIN = "cluster.local";

const NAMESPACE = "kube-system";
const RBAC = "rbac.authorization.k8s.io/v1";
const LABELS = { "eks.amazonaws.com/component": "coredns", "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS" } as const;
const SELECTOR = { "eks.amazonaws.com/component": "coredns", "k8s-app": "kube-dns" } as const;
/** What EKS runs; here it stands for the program of this project. */
const IMAGE = "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/coredns:v1.11.4-eksbuild.2";

/** EKS's own. */
const COREFILE = `.:53 {
    errors
    health {
        lameduck 5s
      }
    ready
    kubernetes ${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

/** What cluster DNS needs before it runs, as EKS installs it: identity, rights, Corefile and Service. `address` is the Service's. */
export function clusterDnsObjects(address: string): readonly Placed[] {
  const rules = [
    { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
  ];
  return [
    placed(RESOURCES.serviceAccounts, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "coredns", namespace: NAMESPACE, labels: LABELS },
    }),
    placed(rbac("clusterroles"), { apiVersion: RBAC, kind: "ClusterRole", metadata: { name: "system:coredns", labels: LABELS }, rules }),
    placed(rbac("clusterrolebindings"), {
      apiVersion: RBAC,
      kind: "ClusterRoleBinding",
      metadata: { name: "system:coredns", labels: LABELS },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" },
      subjects: [{ kind: "ServiceAccount", name: "coredns", namespace: NAMESPACE }],
    }),
    placed(RESOURCES.configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "coredns", namespace: NAMESPACE, labels: LABELS },
      data: { Corefile: COREFILE },
    }),
    placed(RESOURCES.services, service(address)),
  ];
}

/** Its pods. They come after the nodes: a new cluster has no pod that waits for a place, and the replicas spread. */
export function clusterDnsDeployment(replicas: number): Placed {
  return placed(RESOURCES.deployments, deployment(replicas));
}

function service(address: string): Placed["object"] {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kube-dns",
      namespace: NAMESPACE,
      labels: { ...LABELS, "kubernetes.io/cluster-service": "true" },
      annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
    },
    spec: {
      clusterIP: address,
      selector: { "k8s-app": "kube-dns" },
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
        { name: "metrics", port: 9153, protocol: "TCP" },
      ],
    },
  };
}

function deployment(replicas: number): Placed["object"] {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "coredns", namespace: NAMESPACE, labels: LABELS },
    spec: {
      replicas,
      selector: { matchLabels: SELECTOR },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } },
      template: {
        metadata: { labels: SELECTOR },
        spec: {
          serviceAccountName: "coredns",
          priorityClassName: "system-cluster-critical",
          dnsPolicy: "Default",
          affinity: spreadOverNodes(),
          tolerations: [
            { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
            { key: "CriticalAddonsOnly", operator: "Exists" },
          ],
          containers: [container()],
          volumes: [{ name: "config-volume", configMap: { name: "coredns", items: [{ key: "Corefile", path: "Corefile" }] } }],
        },
      },
    },
  };
}

function spreadOverNodes(): object {
  const podAffinityTerm = {
    labelSelector: { matchExpressions: [{ key: "k8s-app", operator: "In", values: ["kube-dns"] }] },
    topologyKey: "kubernetes.io/hostname",
  };
  return { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] } };
}

function container(): object {
  return {
    name: "coredns",
    image: IMAGE,
    args: ["-conf", "/etc/coredns/Corefile"],
    ports: [
      { containerPort: 53, name: "dns", protocol: "UDP" },
      { containerPort: 53, name: "dns-tcp", protocol: "TCP" },
      { containerPort: 9153, name: "metrics", protocol: "TCP" },
    ],
    livenessProbe: { httpGet: { path: "/health", port: 8080 }, initialDelaySeconds: 60, timeoutSeconds: 5, failureThreshold: 5 },
    // More often than EKS asks: whoever brings up a lab waits for the first names.
    readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
    resources: { requests: { cpu: "100m", memory: "70Mi" }, limits: { memory: "170Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: "config-volume", mountPath: "/etc/coredns", readOnly: true }],
  };
}

function placed(resource: KubeResource, object: Placed["object"]): Placed {
  return { resource, object };
}

function rbac(plural: string): KubeResource {
  return { group: "rbac.authorization.k8s.io", version: "v1", plural };
}
