import type { Fields, KubeObject } from "@slash28/kube-store";

import { CONTROLLER_RULES } from "./controller-roles.ts";
import {
  ADMIN_RULES,
  CONTROLLER_MANAGER_RULES,
  EDIT_RULES,
  NODE_PROXIER_RULES,
  NODE_RULES,
  on,
  onPaths,
  SCHEDULER_RULES,
  VIEW_RULES,
  type Rule,
} from "./default-rules.ts";

const API_VERSION = "rbac.authorization.k8s.io/v1";
const RBAC_GROUP = "rbac.authorization.k8s.io";
const BOOTSTRAPPING = { "kubernetes.io/bootstrapping": "rbac-defaults" };
/** Taken away or set to `false` by whoever wants to change a default role for good. */
export const AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";

interface Options {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

function named(name: string, { namespace, labels }: Options = {}): KubeObject["metadata"] {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { ...BOOTSTRAPPING, ...labels },
    annotations: { [AUTO_UPDATE]: "true" },
  };
}

function clusterRole(name: string, rules: readonly Rule[], options?: Options): KubeObject {
  return { apiVersion: API_VERSION, kind: "ClusterRole", metadata: named(name, options), rules };
}

/** A role that holds what every role with the label `…/aggregate-to-<to>` holds. */
function aggregate(to: string, options?: Options): KubeObject {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [aggregateTo(to)]: "true" } }] };
  return { apiVersion: API_VERSION, kind: "ClusterRole", metadata: named(to, options), aggregationRule, rules: [] };
}

function aggregateTo(role: string): string {
  return `rbac.authorization.k8s.io/aggregate-to-${role}`;
}

function part(of: string, rules: readonly Rule[]): KubeObject {
  return clusterRole(`system:aggregate-to-${of}`, rules, { labels: { [aggregateTo(of)]: "true" } });
}

type To = { readonly user: string } | { readonly group: string } | { readonly account: string };

function subject(to: To): Fields {
  if ("user" in to) return { apiGroup: RBAC_GROUP, kind: "User", name: to.user };
  if ("group" in to) return { apiGroup: RBAC_GROUP, kind: "Group", name: to.group };
  return { kind: "ServiceAccount", name: to.account, namespace: "kube-system" };
}

function bind(role: string, to: readonly To[], name = role): KubeObject {
  return {
    apiVersion: API_VERSION,
    kind: "ClusterRoleBinding",
    metadata: named(name),
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: role },
    subjects: to.map(subject),
  };
}

function role(namespace: string, name: string, rules: readonly Rule[]): KubeObject {
  return { apiVersion: API_VERSION, kind: "Role", metadata: named(name, { namespace }), rules };
}

function bindInside(namespace: string, name: string, to: readonly To[]): KubeObject {
  return {
    apiVersion: API_VERSION,
    kind: "RoleBinding",
    metadata: named(name, { namespace }),
    roleRef: { apiGroup: RBAC_GROUP, kind: "Role", name },
    subjects: to.map(subject),
  };
}

const MASTERS: To = { group: "system:masters" };
const KNOWN: To = { group: "system:authenticated" };
const UNKNOWN: To = { group: "system:unauthenticated" };
const DISCOVERY = [
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
  "/healthz",
  "/livez",
  "/openapi",
  "/openapi/*",
  "/readyz",
  "/version",
  "/version/",
];
const REVIEWS = [on("authentication.k8s.io", "tokenreviews", ["create"]), on("authorization.k8s.io", "subjectaccessreviews", ["create"])];
const KUBELET_API = "nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats";
const CSR = "certificates.k8s.io";

/** Roles and bindings that every cluster has (Kubernetes docs, "Default roles and role bindings"). */
export const DEFAULT_ROLES: readonly KubeObject[] = [
  clusterRole("cluster-admin", [
    { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ]),
  aggregate("admin"),
  aggregate("edit", { labels: { [aggregateTo("admin")]: "true" } }),
  aggregate("view", { labels: { [aggregateTo("edit")]: "true" } }),
  part("admin", ADMIN_RULES),
  part("edit", EDIT_RULES),
  part("view", VIEW_RULES),
  clusterRole("system:discovery", [onPaths(...DISCOVERY)]),
  clusterRole("system:monitoring", [
    onPaths("/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*"),
  ]),
  clusterRole("system:basic-user", [
    on("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", ["create"]),
    on("authentication.k8s.io", "selfsubjectreviews", ["create"]),
  ]),
  clusterRole("system:public-info-viewer", [onPaths("/healthz", "/livez", "/readyz", "/version", "/version/")]),
  clusterRole("system:service-account-issuer-discovery", [
    onPaths("/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"),
  ]),
  clusterRole("system:auth-delegator", REVIEWS),
  clusterRole("system:heapster", [
    on("", "events namespaces nodes pods", ["get", "list", "watch"]),
    on("apps", "deployments", ["get", "list", "watch"]),
  ]),
  clusterRole("system:node", NODE_RULES),
  clusterRole("system:node-problem-detector", [
    on("", "nodes", ["get"]),
    on("", "nodes/status", ["patch"]),
    on("", "events", ["create", "patch", "update"]),
  ]),
  clusterRole("system:node-bootstrapper", [on(CSR, "certificatesigningrequests", ["create", "get", "list", "watch"])]),
  clusterRole("system:node-proxier", NODE_PROXIER_RULES),
  clusterRole("system:kubelet-api-admin", [on("", "nodes", ["get", "list", "proxy", "watch"]), on("", KUBELET_API, ["*"])]),
  clusterRole("system:kube-aggregator", [on("", "endpoints services", ["get", "list", "watch"])]),
  clusterRole("system:kube-dns", [on("", "endpoints services", ["list", "watch"])]),
  clusterRole("system:kube-scheduler", SCHEDULER_RULES),
  clusterRole("system:volume-scheduler", [
    on("", "persistentvolumes", ["get", "list", "patch", "update", "watch"]),
    on("storage.k8s.io", "storageclasses", ["get", "list", "watch"]),
    on("", "persistentvolumeclaims", ["get", "list", "patch", "update", "watch"]),
  ]),
  clusterRole("system:kube-controller-manager", CONTROLLER_MANAGER_RULES),
  clusterRole("system:persistent-volume-provisioner", [
    on("", "persistentvolumes", ["create", "delete", "get", "list", "watch"]),
    on("", "persistentvolumeclaims", ["get", "list", "update", "watch"]),
    on("storage.k8s.io", "storageclasses", ["get", "list", "watch"]),
    on("", "events", ["watch", "create", "patch", "update"]),
  ]),
  clusterRole("system:certificates.k8s.io:certificatesigningrequests:nodeclient", [
    on(CSR, "certificatesigningrequests/nodeclient", ["create"]),
  ]),
  clusterRole("system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", [
    on(CSR, "certificatesigningrequests/selfnodeclient", ["create"]),
  ]),
  clusterRole("system:certificates.k8s.io:kube-apiserver-client-approver", [
    on(CSR, "signers", ["approve"], ["kubernetes.io/kube-apiserver-client"]),
  ]),
  clusterRole("system:certificates.k8s.io:kube-apiserver-client-kubelet-approver", [
    on(CSR, "signers", ["approve"], ["kubernetes.io/kube-apiserver-client-kubelet"]),
  ]),
  clusterRole("system:certificates.k8s.io:kubelet-serving-approver", [on(CSR, "signers", ["approve"], ["kubernetes.io/kubelet-serving"])]),
  ...Object.entries(CONTROLLER_RULES).map(([name, rules]) => clusterRole(`system:controller:${name}`, rules)),
  role("kube-system", "extension-apiserver-authentication-reader", [
    on("", "configmaps", ["get", "list", "watch"], ["extension-apiserver-authentication"]),
  ]),
  role("kube-system", "system::leader-locking-kube-scheduler", [
    on("", "configmaps", ["watch"]),
    on("", "configmaps", ["get", "update"], ["kube-scheduler"]),
  ]),
  role("kube-public", "system:controller:bootstrap-signer", [on("", "configmaps", ["get", "list", "watch"])]),
];

export const DEFAULT_BINDINGS: readonly KubeObject[] = [
  bind("cluster-admin", [MASTERS]),
  bind("system:monitoring", [{ group: "system:monitoring" }]),
  bind("system:discovery", [KNOWN]),
  bind("system:basic-user", [KNOWN]),
  bind("system:public-info-viewer", [KNOWN, UNKNOWN]),
  bind("system:service-account-issuer-discovery", [{ group: "system:serviceaccounts" }]),
  bind("system:node-proxier", [{ user: "system:kube-proxy" }]),
  bind("system:kube-scheduler", [{ user: "system:kube-scheduler" }]),
  bind("system:volume-scheduler", [{ user: "system:kube-scheduler" }]),
  bind("system:kube-controller-manager", [{ user: "system:kube-controller-manager" }]),
  bind("system:kube-dns", [{ account: "kube-dns" }]),
  // Without subjects: nodes have an authorizer of their own.
  bind("system:node", []),
  ...Object.keys(CONTROLLER_RULES).map((name) => bind(`system:controller:${name}`, [{ account: name }])),
  bindInside("kube-system", "system::leader-locking-kube-scheduler", [{ user: "system:kube-scheduler" }]),
];
