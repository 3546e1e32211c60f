/** How a strategic merge patch treats one field. */
export interface FieldMerge {
  /** A list of objects merged by this field; `""` marks a list of plain values merged as a set. Absent: lists are replaced. */
  readonly key?: string | undefined;
  /** The fields of the field's value or of its items. */
  readonly inner: PatchFields;
}

/** How the fields of one type merge. */
export type PatchFields = (name: string) => FieldMerge;

interface KeyedField {
  readonly key?: string;
  /** The type of the field's value or of its items, for what lies below. */
  readonly type?: string;
}

type TypeMerge = Readonly<Record<string, KeyedField>>;

const CONDITIONS: KeyedField = { key: "type" };
const META: KeyedField = { type: "ObjectMeta" };

/**
 * Merge keys of common built-in types (the `patchMergeKey` tags of k8s.io/api), for callers without the published schema. What is not
 * named here is merged when it is an object and replaced when it is a list, as upstream does for fields without a tag.
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

const NO_KEYS: PatchFields = () => ({ inner: NO_KEYS });

/** How the fields of an object of this kind merge. */
export function mergeOfKind(kind: string): PatchFields {
  return fieldsOfTable(KINDS[kind] ?? PLAIN);
}

function fieldsOfTable(table: TypeMerge | undefined): PatchFields {
  if (table === undefined) return NO_KEYS;
  return (name) => {
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    return { key: field?.key, inner: field?.type === undefined ? NO_KEYS : fieldsOfTable(TYPES[field.type]) };
  };
}
