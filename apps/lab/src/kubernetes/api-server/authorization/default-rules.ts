/** A rule of a default role, as it stands in a ClusterRole. */
export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export const READ = ["get", "list", "watch"];
const WRITE = ["create", "delete", "deletecollection", "patch", "update"];
const KEEP_UP = ["get", "list", "watch", "create", "update", "patch", "delete"];

/** `on("", "pods", READ)`, `on("apps", "deployments deployments/scale", WRITE)`. */
export function on(group: string, resources: string, verbs: readonly string[], resourceNames?: readonly string[]): Rule {
  return { apiGroups: [group], resources: resources.split(" "), verbs, ...(resourceNames === undefined ? {} : { resourceNames }) };
}

export function onPaths(...nonResourceURLs: readonly string[]): Rule {
  return { nonResourceURLs, verbs: ["get"] };
}

const EVENTS: Rule = { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "update"] };

const WORKLOADS_APPS =
  "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status";
const WORKLOADS_CORE =
  "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status";

/** What `view`, `edit` and `admin` hold, without what the ones below them give (pkg …/rbac/bootstrappolicy of Kubernetes 1.35). */
export const VIEW_RULES: readonly Rule[] = [
  on("", WORKLOADS_CORE, READ),
  on(
    "",
    "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status",
    READ,
  ),
  on("", "namespaces", READ),
  on("discovery.k8s.io", "endpointslices", READ),
  on("apps", WORKLOADS_APPS, READ),
  on("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", READ),
  on("batch", "cronjobs cronjobs/status jobs jobs/status", READ),
  on("policy", "poddisruptionbudgets poddisruptionbudgets/status", READ),
  on("networking.k8s.io", "ingresses ingresses/status networkpolicies", READ),
];

export const EDIT_RULES: readonly Rule[] = [
  on("", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", READ),
  on("", "serviceaccounts", ["impersonate"]),
  on("", "pods pods/attach pods/exec pods/portforward pods/proxy", WRITE),
  on("", "pods/eviction", ["create"]),
  on(
    "",
    "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
    WRITE,
  ),
  on("", "serviceaccounts/token", ["create"]),
  on(
    "apps",
    "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale",
    WRITE,
  ),
  on("autoscaling", "horizontalpodautoscalers", WRITE),
  on("batch", "cronjobs jobs", WRITE),
  on("policy", "poddisruptionbudgets", WRITE),
  on("networking.k8s.io", "ingresses networkpolicies", WRITE),
  on("coordination.k8s.io", "leases", KEEP_UP.concat("deletecollection")),
];

export const ADMIN_RULES: readonly Rule[] = [
  on("authorization.k8s.io", "localsubjectaccessreviews", ["create"]),
  on("rbac.authorization.k8s.io", "rolebindings roles", KEEP_UP.concat("deletecollection")),
];

/** What a kubelet needs; the node authorizer lets it at its own objects of these only. */
export const NODE_RULES: readonly Rule[] = [
  on("authentication.k8s.io", "tokenreviews", ["create"]),
  on("authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews", ["create"]),
  on("", "services", READ),
  on("", "nodes", ["create", "get", "list", "watch"]),
  on("", "nodes/status nodes", ["patch", "update"]),
  EVENTS,
  on("", "pods", READ),
  on("", "pods", ["create", "delete"]),
  on("", "pods/status", ["patch", "update"]),
  on("", "pods/eviction", ["create"]),
  on("", "configmaps secrets", READ),
  on("", "persistentvolumeclaims persistentvolumes", ["get"]),
  on("", "persistentvolumeclaims/status", ["get", "patch", "update"]),
  on("", "serviceaccounts", ["get"]),
  on("", "serviceaccounts/token", ["create"]),
  on("storage.k8s.io", "volumeattachments", ["get"]),
  on("storage.k8s.io", "csidrivers", READ),
  on("storage.k8s.io", "csinodes", ["create", "delete", "get", "patch", "update"]),
  on("certificates.k8s.io", "certificatesigningrequests", ["create", "get", "list", "watch"]),
  on("coordination.k8s.io", "leases", ["create", "delete", "get", "patch", "update"]),
  on("node.k8s.io", "runtimeclasses", READ),
];

export const SCHEDULER_RULES: readonly Rule[] = [
  EVENTS,
  on("coordination.k8s.io", "leases", ["create", "get", "list", "update", "watch"]),
  on("", "nodes", READ),
  on("", "pods", ["delete", "get", "list", "watch"]),
  on("", "bindings pods/binding", ["create"]),
  on("", "pods/status", ["patch", "update"]),
  on("", "replicationcontrollers services namespaces persistentvolumeclaims persistentvolumes", READ),
  { apiGroups: ["apps"], resources: ["replicasets", "statefulsets"], verbs: READ },
  on("policy", "poddisruptionbudgets", READ),
  on("storage.k8s.io", "csinodes csidrivers csistoragecapacities storageclasses volumeattachments", READ),
  on("authentication.k8s.io", "tokenreviews", ["create"]),
  on("authorization.k8s.io", "subjectaccessreviews", ["create"]),
];

export const CONTROLLER_MANAGER_RULES: readonly Rule[] = [
  EVENTS,
  on("coordination.k8s.io", "leases", ["create", "get", "update"]),
  on("", "secrets serviceaccounts", ["create", "delete", "get", "update"]),
  on("", "configmaps namespaces", ["get"]),
  on("", "serviceaccounts/token", ["create"]),
  on("authentication.k8s.io", "tokenreviews", ["create"]),
  on("authorization.k8s.io", "subjectaccessreviews", ["create"]),
  { apiGroups: ["*"], resources: ["*"], verbs: ["list", "watch"] },
];

export const NODE_PROXIER_RULES: readonly Rule[] = [
  on("", "services", ["list", "watch"]),
  on("", "nodes", READ),
  EVENTS,
  on("discovery.k8s.io", "endpointslices", ["list", "watch"]),
  on("networking.k8s.io", "servicecidrs", ["list", "watch"]),
];
