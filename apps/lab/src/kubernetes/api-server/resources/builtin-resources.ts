import { eventShape } from "./event-shape.ts";
import { storageName, type ResourceDefinition, type ScalePaths } from "./resource-definition.ts";

interface Entry {
  readonly kind: string;
  readonly plural: string;
  /** Absent: the kind in lower case. */
  readonly singular?: string;
  readonly isClusterWide?: boolean;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly sub?: readonly string[];
  readonly verbs?: readonly string[];
  readonly scalePaths?: ScalePaths;
  readonly storage?: string;
}

const ALL = ["all"];
const STATUS = ["status"];
const CREATE_ONLY = ["create"];
const SCALE: ScalePaths = { replicas: "spec.replicas", statusReplicas: "status.replicas", selector: "spec.selector" };

const CORE: readonly Entry[] = [
  { kind: "Binding", plural: "bindings", verbs: CREATE_ONLY },
  { kind: "ComponentStatus", plural: "componentstatuses", isClusterWide: true, short: ["cs"], verbs: ["get", "list"] },
  { kind: "ConfigMap", plural: "configmaps", short: ["cm"] },
  { kind: "Endpoints", plural: "endpoints", singular: "endpoints", short: ["ep"] },
  { kind: "Event", plural: "events", short: ["ev"] },
  { kind: "LimitRange", plural: "limitranges", short: ["limits"] },
  { kind: "Namespace", plural: "namespaces", isClusterWide: true, short: ["ns"], sub: ["status", "finalize"] },
  { kind: "Node", plural: "nodes", isClusterWide: true, short: ["no"], sub: STATUS },
  { kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", short: ["pvc"], sub: STATUS },
  { kind: "PersistentVolume", plural: "persistentvolumes", isClusterWide: true, short: ["pv"], sub: STATUS },
  {
    kind: "Pod",
    plural: "pods",
    short: ["po"],
    categories: ALL,
    sub: ["status", "log", "exec", "attach", "portforward", "eviction", "binding", "ephemeralcontainers"],
  },
  { kind: "PodTemplate", plural: "podtemplates" },
  {
    kind: "ReplicationController",
    plural: "replicationcontrollers",
    short: ["rc"],
    categories: ALL,
    sub: ["status", "scale"],
    scalePaths: SCALE,
  },
  { kind: "ResourceQuota", plural: "resourcequotas", short: ["quota"], sub: STATUS },
  { kind: "Secret", plural: "secrets" },
  { kind: "ServiceAccount", plural: "serviceaccounts", short: ["sa"], sub: ["token"] },
  { kind: "Service", plural: "services", short: ["svc"], categories: ALL, sub: STATUS },
];

const APPS: readonly Entry[] = [
  { kind: "ControllerRevision", plural: "controllerrevisions" },
  { kind: "DaemonSet", plural: "daemonsets", short: ["ds"], categories: ALL, sub: STATUS },
  { kind: "Deployment", plural: "deployments", short: ["deploy"], categories: ALL, sub: ["status", "scale"], scalePaths: SCALE },
  { kind: "ReplicaSet", plural: "replicasets", short: ["rs"], categories: ALL, sub: ["status", "scale"], scalePaths: SCALE },
  { kind: "StatefulSet", plural: "statefulsets", short: ["sts"], categories: ALL, sub: ["status", "scale"], scalePaths: SCALE },
];

const GROUPS: readonly { readonly group: string; readonly version: string; readonly entries: readonly Entry[] }[] = [
  { group: "", version: "v1", entries: CORE },
  { group: "apps", version: "v1", entries: APPS },
  {
    group: "events.k8s.io",
    version: "v1",
    entries: [{ kind: "Event", plural: "events", short: ["ev"], storage: "events" }],
  },
  {
    group: "authentication.k8s.io",
    version: "v1",
    entries: [
      { kind: "SelfSubjectReview", plural: "selfsubjectreviews", isClusterWide: true, verbs: CREATE_ONLY },
      { kind: "TokenReview", plural: "tokenreviews", isClusterWide: true, verbs: CREATE_ONLY },
    ],
  },
  {
    group: "authorization.k8s.io",
    version: "v1",
    entries: [
      { kind: "SelfSubjectAccessReview", plural: "selfsubjectaccessreviews", isClusterWide: true, verbs: CREATE_ONLY },
      { kind: "SubjectAccessReview", plural: "subjectaccessreviews", isClusterWide: true, verbs: CREATE_ONLY },
      { kind: "LocalSubjectAccessReview", plural: "localsubjectaccessreviews", verbs: CREATE_ONLY },
      { kind: "SelfSubjectRulesReview", plural: "selfsubjectrulesreviews", isClusterWide: true, verbs: CREATE_ONLY },
    ],
  },
  {
    group: "autoscaling",
    version: "v2",
    entries: [{ kind: "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers", short: ["hpa"], categories: ALL, sub: STATUS }],
  },
  {
    group: "batch",
    version: "v1",
    entries: [
      { kind: "CronJob", plural: "cronjobs", short: ["cj"], categories: ALL, sub: STATUS },
      { kind: "Job", plural: "jobs", categories: ALL, sub: STATUS },
    ],
  },
  {
    group: "networking.k8s.io",
    version: "v1",
    entries: [
      { kind: "IngressClass", plural: "ingressclasses", isClusterWide: true },
      { kind: "Ingress", plural: "ingresses", short: ["ing"], sub: STATUS },
      { kind: "NetworkPolicy", plural: "networkpolicies", short: ["netpol"] },
    ],
  },
  {
    group: "policy",
    version: "v1",
    entries: [{ kind: "PodDisruptionBudget", plural: "poddisruptionbudgets", short: ["pdb"], sub: STATUS }],
  },
  {
    group: "rbac.authorization.k8s.io",
    version: "v1",
    entries: [
      { kind: "ClusterRoleBinding", plural: "clusterrolebindings", isClusterWide: true },
      { kind: "ClusterRole", plural: "clusterroles", isClusterWide: true },
      { kind: "RoleBinding", plural: "rolebindings" },
      { kind: "Role", plural: "roles" },
    ],
  },
  {
    group: "storage.k8s.io",
    version: "v1",
    entries: [
      { kind: "CSIDriver", plural: "csidrivers", isClusterWide: true },
      { kind: "CSINode", plural: "csinodes", isClusterWide: true },
      { kind: "StorageClass", plural: "storageclasses", isClusterWide: true, short: ["sc"] },
    ],
  },
  {
    group: "admissionregistration.k8s.io",
    version: "v1",
    entries: [
      {
        kind: "MutatingWebhookConfiguration",
        plural: "mutatingwebhookconfigurations",
        isClusterWide: true,
        categories: ["api-extensions"],
      },
      {
        kind: "ValidatingWebhookConfiguration",
        plural: "validatingwebhookconfigurations",
        isClusterWide: true,
        categories: ["api-extensions"],
      },
      {
        kind: "ValidatingAdmissionPolicy",
        plural: "validatingadmissionpolicies",
        isClusterWide: true,
        categories: ["api-extensions"],
        sub: STATUS,
      },
      {
        kind: "ValidatingAdmissionPolicyBinding",
        plural: "validatingadmissionpolicybindings",
        isClusterWide: true,
        categories: ["api-extensions"],
      },
    ],
  },
  {
    group: "apiextensions.k8s.io",
    version: "v1",
    entries: [
      {
        kind: "CustomResourceDefinition",
        plural: "customresourcedefinitions",
        isClusterWide: true,
        short: ["crd", "crds"],
        categories: ["api-extensions"],
        sub: STATUS,
      },
    ],
  },
  {
    group: "scheduling.k8s.io",
    version: "v1",
    entries: [{ kind: "PriorityClass", plural: "priorityclasses", isClusterWide: true, short: ["pc"] }],
  },
  {
    group: "certificates.k8s.io",
    version: "v1",
    entries: [
      {
        kind: "CertificateSigningRequest",
        plural: "certificatesigningrequests",
        isClusterWide: true,
        short: ["csr"],
        sub: ["status", "approval"],
      },
    ],
  },
  { group: "coordination.k8s.io", version: "v1", entries: [{ kind: "Lease", plural: "leases" }] },
  { group: "discovery.k8s.io", version: "v1", entries: [{ kind: "EndpointSlice", plural: "endpointslices" }] },
];

const COUNTED_CORE = new Set(["pods", "replicationcontrollers"]);
const UNCOUNTED_GROUPS = new Set(["events.k8s.io", "rbac.authorization.k8s.io", "coordination.k8s.io", "storage.k8s.io"]);

/** Every built-in resource type that is served, in discovery order. */
export const BUILTIN_RESOURCES: readonly ResourceDefinition[] = GROUPS.flatMap(({ group, version, entries }) =>
  entries.map((entry) => define(group, version, entry)),
);

function define(group: string, version: string, entry: Entry): ResourceDefinition {
  return {
    group,
    version,
    plural: entry.plural,
    singular: entry.singular ?? entry.kind.toLowerCase(),
    kind: entry.kind,
    isNamespaced: entry.isClusterWide !== true,
    shortNames: entry.short ?? [],
    categories: entry.categories ?? [],
    subresources: entry.sub ?? [],
    storage: entry.storage ?? storageName(group, entry.plural),
    ...(entry.verbs === undefined ? {} : { verbs: entry.verbs }),
    ...(entry.scalePaths === undefined ? {} : { scalePaths: entry.scalePaths }),
    ...(isUncounted(group, entry.plural) ? { isUncounted: true } : {}),
    ...(group === "events.k8s.io" ? { shape: eventShape } : {}),
  };
}

/** Types whose upstream strategy leaves `metadata.generation` alone. */
function isUncounted(group: string, plural: string): boolean {
  return group === "" ? !COUNTED_CORE.has(plural) : UNCOUNTED_GROUPS.has(group) || plural === "controllerrevisions";
}
