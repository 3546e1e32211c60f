import { fieldsOf, own, textOf, withField, type Fields, type KubeObject } from "@slash28/kube-store";

import { defaultPodSpec, eachOf, fill, within } from "./default-pod.ts";
import { defaultMutatingWebhooks, defaultPolicy, defaultValidatingWebhooks } from "./default-webhooks.ts";
import { isReachable } from "./service-type.ts";

type Defaulting = (object: Fields) => Fields;

const spec =
  (change: (spec: Fields) => Fields): Defaulting =>
  (object) =>
    withField(object, "spec", change(fieldsOf(own(object, "spec"))));

function defaultTemplate(workload: Fields): Fields {
  return within(workload, "template", (template) => {
    const metadata = fieldsOf(own(template, "metadata"));
    return within(withField(template, "metadata", metadata), "spec", defaultPodSpec);
  });
}

const QUARTER = "25%";

function defaultDeployment(deployment: Fields): Fields {
  const filled = fill(deployment, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: {} });
  const strategy = within(filled, "strategy", (strategy) => {
    const typed = fill(strategy, { type: "RollingUpdate" });
    if (own(typed, "type") !== "RollingUpdate") return typed;
    return withField(typed, "rollingUpdate", fill(fieldsOf(own(typed, "rollingUpdate")), { maxUnavailable: QUARTER, maxSurge: QUARTER }));
  });
  return defaultTemplate(strategy);
}

function defaultDaemonSet(daemonSet: Fields): Fields {
  const filled = fill(daemonSet, { revisionHistoryLimit: 10, updateStrategy: {} });
  const strategy = within(filled, "updateStrategy", (strategy) => {
    const typed = fill(strategy, { type: "RollingUpdate" });
    if (own(typed, "type") !== "RollingUpdate") return typed;
    return withField(typed, "rollingUpdate", fill(fieldsOf(own(typed, "rollingUpdate")), { maxUnavailable: 1, maxSurge: 0 }));
  });
  return defaultTemplate(strategy);
}

function defaultStatefulSet(statefulSet: Fields): Fields {
  const filled = fill(statefulSet, {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: "OrderedReady",
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
  });
  const strategy = within(filled, "updateStrategy", (strategy) => {
    const typed = fill(strategy, { type: "RollingUpdate" });
    if (own(typed, "type") !== "RollingUpdate") return typed;
    return withField(typed, "rollingUpdate", fill(fieldsOf(own(typed, "rollingUpdate")), { partition: 0 }));
  });
  const retaining = within(strategy, "persistentVolumeClaimRetentionPolicy", (policy) =>
    fill(policy, { whenDeleted: "Retain", whenScaled: "Retain" }),
  );
  const claims = eachOf(retaining, "volumeClaimTemplates", (claim) =>
    within(fill(claim, { kind: "PersistentVolumeClaim", apiVersion: "v1", spec: {}, status: { phase: "Pending" } }), "spec", (claimSpec) =>
      fill(claimSpec, { volumeMode: "Filesystem" }),
    ),
  );
  return defaultTemplate(claims);
}

function defaultJob(job: Fields): Fields {
  const isQueue = own(job, "completions") === undefined && own(job, "parallelism") !== undefined;
  const filled = fill(job, {
    parallelism: 1,
    ...(isQueue ? {} : { completions: 1 }),
    backoffLimit: own(job, "backoffLimitPerIndex") === undefined ? 6 : 2 ** 31 - 1,
    completionMode: "NonIndexed",
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: own(job, "podFailurePolicy") === undefined ? "TerminatingOrFailed" : "Failed",
  });
  return defaultTemplate(filled);
}

/** A job chooses its pods by its own uid, unless told to use a selector that was given. */
function withJobSelector(object: Fields): Fields {
  const metadata = fieldsOf(own(object, "metadata"));
  const uid = textOf(own(metadata, "uid")) ?? "";
  const name = textOf(own(metadata, "name")) ?? "";
  const job = fieldsOf(own(object, "spec"));
  if (uid === "" || own(job, "manualSelector") === true) return object;
  const labels = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  const labelled = within(job, "template", (template) =>
    within(template, "metadata", (inner) => withField(inner, "labels", { ...fieldsOf(own(inner, "labels")), ...labels })),
  );
  const selector = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
  return withField(object, "spec", fill(labelled, { selector }));
}

const STICKY_SECONDS = 10_800;

function defaultService(service: Fields): Fields {
  const filled = withAffinity(fill(service, { type: "ClusterIP", sessionAffinity: "None" }));
  const type = own(filled, "type");
  const ports = eachOf(filled, "ports", (port) => {
    const typed = fill(port, { protocol: "TCP" });
    return fill(typed, { targetPort: own(typed, "port") });
  });
  if (type === "ExternalName") return ports;
  const policies = fill(ports, { internalTrafficPolicy: "Cluster" });
  if (!isReachable(policies)) return policies;
  const reachable = fill(policies, { externalTrafficPolicy: "Cluster" });
  return type === "LoadBalancer" ? fill(reachable, { allocateLoadBalancerNodePorts: true }) : reachable;
}

function withAffinity(service: Fields): Fields {
  if (own(service, "sessionAffinity") === "None") return withField(service, "sessionAffinityConfig", undefined);
  if (own(service, "sessionAffinity") !== "ClientIP") return service;
  const config = fieldsOf(own(service, "sessionAffinityConfig"));
  const clientIP = fill(fieldsOf(own(config, "clientIP")), { timeoutSeconds: STICKY_SECONDS });
  return withField(service, "sessionAffinityConfig", { ...config, clientIP });
}

function defaultNamespace(object: Fields): Fields {
  const filled = spec((inner) => fill(inner, { finalizers: ["kubernetes"] }))(object);
  const metadata = fieldsOf(own(filled, "metadata"));
  const labels = { ...fieldsOf(own(metadata, "labels")), "kubernetes.io/metadata.name": own(metadata, "name") };
  return withField(
    withField(filled, "metadata", { ...metadata, labels }),
    "status",
    fill(fieldsOf(own(filled, "status")), { phase: "Active" }),
  );
}

/** `stringData` is a way to write `data`; it is never read back. */
function defaultSecret(secret: Fields): Fields {
  const written = Object.entries(fieldsOf(own(secret, "stringData"))).map(
    ([name, text]) => [name, Buffer.from(String(text)).toString("base64")] as const,
  );
  const data = written.length === 0 ? own(secret, "data") : { ...fieldsOf(own(secret, "data")), ...Object.fromEntries(written) };
  return fill(withField(withField(secret, "stringData", undefined), "data", data), { type: "Opaque" });
}

function defaultEvent(event: Fields): Fields {
  return fill(event, { type: "Normal" });
}

function defaultCrd(crd: Fields): Fields {
  const filled = fill(crd, { conversion: { strategy: "None" } });
  return within(filled, "names", (names) => {
    const kind = textOf(own(names, "kind")) ?? "";
    return fill(names, { listKind: `${kind}List`, singular: kind.toLowerCase() });
  });
}

function defaultEndpointSlice(slice: Fields): Fields {
  return eachOf(slice, "ports", (port) => fill(port, { name: "", protocol: "TCP" }));
}

const DEFAULTS: Readonly<Record<string, Defaulting>> = {
  pods: spec(defaultPodSpec),
  services: spec(defaultService),
  namespaces: defaultNamespace,
  secrets: defaultSecret,
  events: defaultEvent,
  "deployments.apps": spec(defaultDeployment),
  "replicasets.apps": spec((set) => defaultTemplate(fill(set, { replicas: 1 }))),
  "daemonsets.apps": spec(defaultDaemonSet),
  "statefulsets.apps": spec(defaultStatefulSet),
  "jobs.batch": (job) => withJobSelector(spec(defaultJob)(job)),
  "cronjobs.batch": spec((job) =>
    within(
      fill(job, { concurrencyPolicy: "Allow", suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 }),
      "jobTemplate",
      (jobTemplate) => within(jobTemplate, "spec", defaultTemplate),
    ),
  ),
  "endpointslices.discovery.k8s.io": defaultEndpointSlice,
  "customresourcedefinitions.apiextensions.k8s.io": spec(defaultCrd),
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": defaultMutatingWebhooks,
  "validatingwebhookconfigurations.admissionregistration.k8s.io": defaultValidatingWebhooks,
  "validatingadmissionpolicies.admissionregistration.k8s.io": spec(defaultPolicy),
};

/** The object with the fields that the API server fills in. Doing it twice changes nothing. */
export function withKindDefaults(storage: string, object: KubeObject): KubeObject {
  const defaulting = DEFAULTS[storage];
  return defaulting === undefined ? object : (defaulting(object) as KubeObject);
}
