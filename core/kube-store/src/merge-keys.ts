/** How a strategic merge patch treats one field. */
export interface FieldMerge {
  /** A list of objects merged by this field; `""` marks a list of plain values merged as a set. Absent: lists are replaced. */
  readonly key?: string;
  /** The type of the field's value or of its items, for what lies below. */
  readonly type?: string;
}

type TypeMerge = Readonly<Record<string, FieldMerge>>;

const CONDITIONS: FieldMerge = { key: "type" };
const META: FieldMerge = { type: "ObjectMeta" };

/**
 * Merge keys of the built-in types (the `patchMergeKey` tags of k8s.io/api). What is not named here is merged when it is an
 * object and replaced when it is a list, as upstream does for fields without a tag.
 */
const TYPES: Readonly<Record<string, TypeMerge>> = {
  ObjectMeta: { ownerReferences: { key: "uid" }, finalizers: { key: "" } },
  PodSpec: {
    containers: { key: "name", type: "Container" },
    initContainers: { key: "name", type: "Container" },
    ephemeralContainers: { key: "name", type: "Container" },
    volumes: { key: "name", type: "Volume" },
    imagePullSecrets: { key: "name" },
    hostAliases: { key: "ip" },
    topologySpreadConstraints: { key: "topologyKey" },
    schedulingGates: { key: "name" },
    resourceClaims: { key: "name" },
  },
  Container: {
    env: { key: "name" },
    ports: { key: "containerPort" },
    volumeMounts: { key: "mountPath" },
    volumeDevices: { key: "devicePath" },
  },
  Volume: { projected: { type: "ProjectedVolume" } },
  PodTemplate: { metadata: META, spec: { type: "PodSpec" } },
  PodStatus: { conditions: CONDITIONS, podIPs: { key: "ip" }, hostIPs: { key: "ip" } },
  NodeSpec: { podCIDRs: { key: "" } },
  NodeStatus: { conditions: CONDITIONS, addresses: { key: "type" } },
  ServiceSpec: { ports: { key: "port" } },
  Conditions: { conditions: CONDITIONS },
  Workload: { template: { type: "PodTemplate" } },
  CronJobSpec: { jobTemplate: { type: "JobTemplate" } },
  JobTemplate: { metadata: META, spec: { type: "Workload" } },
};

const WORKLOAD: TypeMerge = { metadata: META, spec: { type: "Workload" }, status: { type: "Conditions" } };
const PLAIN: TypeMerge = { metadata: META, status: { type: "Conditions" } };

const KINDS: Readonly<Record<string, TypeMerge>> = {
  Pod: { metadata: META, spec: { type: "PodSpec" }, status: { type: "PodStatus" } },
  Node: { metadata: META, spec: { type: "NodeSpec" }, status: { type: "NodeStatus" } },
  Service: { metadata: META, spec: { type: "ServiceSpec" }, status: { type: "Conditions" } },
  ServiceAccount: { metadata: META, secrets: { key: "name" } },
  Deployment: WORKLOAD,
  ReplicaSet: WORKLOAD,
  DaemonSet: WORKLOAD,
  StatefulSet: WORKLOAD,
  ReplicationController: WORKLOAD,
  Job: WORKLOAD,
  CronJob: { metadata: META, spec: { type: "CronJobSpec" } },
  MutatingWebhookConfiguration: { metadata: META, webhooks: { key: "name" } },
  ValidatingWebhookConfiguration: { metadata: META, webhooks: { key: "name" } },
};

/** How the fields of an object of this kind merge; `undefined` type below the top means no keys are known there. */
export function mergeOfKind(kind: string): TypeMerge {
  return KINDS[kind] ?? PLAIN;
}

export function mergeOfType(type: string | undefined): TypeMerge {
  return (type === undefined ? undefined : TYPES[type]) ?? {};
}
