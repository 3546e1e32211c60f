import { on, READ, type Rule } from "./default-rules.ts";

const EVENTS: Rule = { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "update"] };
const CHANGE = ["patch", "update"];
const PODS = ["create", "delete", "get", "list", "patch", "watch"];

/** What the role of each controller of kube-controller-manager holds: `system:controller:<name>` (bootstrappolicy/controller_policy.go). */
export const CONTROLLER_RULES: Readonly<Record<string, readonly Rule[]>> = {
  "certificate-controller": [
    on("certificates.k8s.io", "certificatesigningrequests", ["delete", "get", "list", "watch"]),
    on("certificates.k8s.io", "certificatesigningrequests/approval certificatesigningrequests/status", ["update"]),
    on("certificates.k8s.io", "signers", ["approve"], ["kubernetes.io/kube-apiserver-client-kubelet"]),
    on(
      "certificates.k8s.io",
      "signers",
      ["sign"],
      [
        "kubernetes.io/kube-apiserver-client",
        "kubernetes.io/kube-apiserver-client-kubelet",
        "kubernetes.io/kubelet-serving",
        "kubernetes.io/legacy-unknown",
      ],
    ),
    on("authorization.k8s.io", "subjectaccessreviews", ["create"]),
    EVENTS,
  ],
  "clusterrole-aggregation-controller": [
    on("rbac.authorization.k8s.io", "clusterroles", ["escalate", "get", "list", "patch", "update", "watch"]),
  ],
  "cronjob-controller": [
    on("batch", "cronjobs", [...READ, "update"]),
    on("batch", "jobs", ["create", "delete", ...READ, ...CHANGE]),
    on("batch", "cronjobs/status cronjobs/finalizers", ["update"]),
    on("", "pods", ["delete", "list"]),
    EVENTS,
  ],
  "daemon-set-controller": [
    on("apps", "daemonsets", READ),
    on("apps", "daemonsets/status daemonsets/finalizers", ["update"]),
    on("", "nodes", ["list", "watch"]),
    on("", "pods", PODS),
    on("", "pods/binding", ["create"]),
    on("apps", "controllerrevisions", ["create", "delete", ...READ, ...CHANGE]),
    EVENTS,
  ],
  "deployment-controller": [
    on("apps", "deployments", [...READ, "update"]),
    on("apps", "deployments/status deployments/finalizers", ["update"]),
    on("apps", "replicasets", ["create", "delete", ...READ, ...CHANGE]),
    on("", "pods", [...READ, "update"]),
    EVENTS,
  ],
  "disruption-controller": [
    on("apps", "deployments replicasets statefulsets", READ),
    on("", "replicationcontrollers", READ),
    on("policy", "poddisruptionbudgets", READ),
    on("policy", "poddisruptionbudgets/status", ["update"]),
    on("", "pods/status", CHANGE),
    { apiGroups: ["*"], resources: ["*/scale"], verbs: ["get"] },
    EVENTS,
  ],
  "endpoint-controller": [
    on("", "pods services", READ),
    on("", "endpoints", ["create", "delete", ...READ, "update"]),
    on("", "endpoints/restricted", ["create"]),
    EVENTS,
  ],
  "endpointslice-controller": [
    on("", "nodes pods services", READ),
    on("", "services/finalizers", ["update"]),
    on("discovery.k8s.io", "endpointslices", ["create", "delete", ...READ, "update"]),
    on("discovery.k8s.io", "endpointslices/restricted", ["create"]),
    EVENTS,
  ],
  "generic-garbage-collector": [EVENTS, { apiGroups: ["*"], resources: ["*"], verbs: ["delete", ...READ, ...CHANGE] }],
  "horizontal-pod-autoscaler": [
    on("autoscaling", "horizontalpodautoscalers", READ),
    on("autoscaling", "horizontalpodautoscalers/status", ["update"]),
    { apiGroups: ["*"], resources: ["*/scale"], verbs: ["get", "update"] },
    on("", "pods", ["list"]),
    { apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: ["list"] },
    { apiGroups: ["custom.metrics.k8s.io", "external.metrics.k8s.io"], resources: ["*"], verbs: ["get", "list"] },
    EVENTS,
  ],
  "job-controller": [
    on("batch", "jobs", [...READ, ...CHANGE]),
    on("batch", "jobs/status jobs/finalizers", ["update"]),
    on("", "pods", PODS),
    EVENTS,
  ],
  "namespace-controller": [
    on("", "namespaces", ["delete", ...READ]),
    on("", "namespaces/finalize namespaces/status", ["update"]),
    { apiGroups: ["*"], resources: ["*"], verbs: ["delete", "deletecollection", "get", "list"] },
  ],
  "node-controller": [
    on("", "nodes", ["delete", ...READ, ...CHANGE]),
    on("", "nodes/status", CHANGE),
    on("", "pods/status", CHANGE),
    on("", "pods", ["delete", ...READ]),
    EVENTS,
  ],
  "pod-garbage-collector": [
    on("", "pods", ["delete", "list", "watch"]),
    on("", "nodes", ["get", "list"]),
    on("", "pods/status", ["patch"]),
  ],
  "replicaset-controller": [
    on("apps", "replicasets", [...READ, "update"]),
    on("apps", "replicasets/status replicasets/finalizers", ["update"]),
    on("", "pods", PODS),
    EVENTS,
  ],
  "replication-controller": [
    on("", "replicationcontrollers", [...READ, "update"]),
    on("", "replicationcontrollers/status replicationcontrollers/finalizers", ["update"]),
    on("", "pods", PODS),
    EVENTS,
  ],
  "resourcequota-controller": [
    { apiGroups: ["*"], resources: ["*"], verbs: ["list", "watch"] },
    on("", "resourcequotas/status", ["update"]),
    EVENTS,
  ],
  "root-ca-cert-publisher": [on("", "configmaps", ["create", "update"]), EVENTS],
  "service-account-controller": [on("", "serviceaccounts", ["create"]), EVENTS],
  "service-controller": [on("", "services", READ), on("", "services/status", CHANGE), on("", "nodes", ["list", "watch"]), EVENTS],
  "statefulset-controller": [
    on("", "pods", READ),
    on("apps", "statefulsets", READ),
    on("apps", "statefulsets/status statefulsets/finalizers", ["update"]),
    on("", "pods", ["create", "delete", "get", "patch", "update"]),
    on("apps", "controllerrevisions", ["create", "delete", ...READ, ...CHANGE]),
    on("", "persistentvolumeclaims", ["create", "delete", "get", "list", "watch", "update"]),
    EVENTS,
  ],
  "ttl-after-finished-controller": [on("batch", "jobs", ["delete", ...READ]), EVENTS],
};
