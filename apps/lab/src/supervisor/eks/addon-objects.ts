import { RESOURCES } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import { CUSTOM_RESOURCES, type Placed } from "../custom-resources.ts";
import { awsNodeAccess, awsNodeDaemonSet, type AwsNodeOptions } from "../aws-node.ts";
import { clusterDnsDeployment, clusterDnsObjects } from "../cluster-dns.ts";
import { kubeProxyDaemonSet } from "../kube-proxy-object.ts";
import { podIdentityAgentDaemonSet, type PodIdentityAgentOptions } from "../pod-identity-agent-object.ts";

/** What an add-on is configured with, as data; anything in it has passed the add-on's schema. */
export type AddonValues = Readonly<Record<string, unknown>>;

export interface AddonWish {
  /** `v1.22.3-eksbuild.1` */
  readonly version: string;
  readonly values: AddonValues;
  readonly serviceAccountRoleArn: string | undefined;
}

/** The objects of one add-on, in the order they are to be made. */
export type AddonObjects = (wish: AddonWish) => readonly Placed[];

const VERSION_ANNOTATION = "slash28.dev/addon-version";

/** `aws-node` and what it needs. */
export function vpcCniObjects(
  options: Omit<AwsNodeOptions, "env"> & { readonly extraEnv: Readonly<Record<string, string>> },
): AddonObjects {
  return (wish) => {
    const { extraEnv, ...rest } = options;
    const { values } = wish;
    const init = recordOf(values["init"]);
    const env = { ...extraEnv, ...stringsOf(init["env"]), ...stringsOf(values["env"]) };
    const daemonSet = withPodSettings(awsNodeDaemonSet({ ...rest, env }), wish);
    const access = awsNodeAccess().map((placed) => withRole(placed, "aws-node", wish.serviceAccountRoleArn));
    return [...CUSTOM_RESOURCES, ...access, { resource: RESOURCES.daemonSets, object: daemonSet }, ...eniConfigs(values["eniConfig"])];
  };
}

export const kubeProxyObjects: AddonObjects = (wish) => [
  { resource: RESOURCES.daemonSets, object: withPodSettings(kubeProxyDaemonSet(), wish) },
];

/** The agent of Pod Identity on every node: `agent.additionalArgs` and `updateStrategy` are its own settings. */
export function podIdentityAgentObjects(options: Omit<PodIdentityAgentOptions, "additionalArgs">): AddonObjects {
  return (wish) => {
    const additionalArgs = stringsOf(recordOf(wish.values["agent"])["additionalArgs"]);
    const made = podIdentityAgentDaemonSet({ ...options, additionalArgs });
    const { updateStrategy } = wish.values;
    const daemonSet = isRecord(updateStrategy) ? { ...made, spec: { ...made.spec, updateStrategy } } : made;
    return [{ resource: RESOURCES.daemonSets, object: withPodSettings(daemonSet, wish) }];
  };
}

/** Cluster DNS: `replicaCount` and `corefile` are its own settings. */
export function corednsObjects({ replicas, address }: { readonly replicas: number; readonly address: string }): AddonObjects {
  return (wish) => {
    const { replicaCount, corefile } = wish.values;
    const deployment = clusterDnsDeployment(typeof replicaCount === "number" ? replicaCount : replicas);
    const objects = clusterDnsObjects(address).map((placed) =>
      placed.object.kind === "ConfigMap" && typeof corefile === "string"
        ? { ...placed, object: { ...placed.object, data: { Corefile: corefile } } }
        : placed,
    );
    return [...objects, { ...deployment, object: withPodSettings(deployment.object, wish) }];
  };
}

/** One `ENIConfig` per zone, as the chart makes them of `eniConfig`. */
function eniConfigs(value: unknown): readonly Placed[] {
  const { create, subnets } = recordOf(value);
  if (create !== true) return [];
  return Object.entries(recordOf(subnets)).map(([zone, subnet]) => {
    const { id, securityGroups } = recordOf(subnet);
    const spec = { subnet: id, ...(securityGroups === undefined ? {} : { securityGroups }) };
    return {
      resource: { group: "crd.k8s.amazonaws.com", version: "v1alpha1", plural: "eniconfigs" },
      object: { apiVersion: "crd.k8s.amazonaws.com/v1alpha1", kind: "ENIConfig", metadata: { name: zone }, spec },
    };
  });
}

/** What every chart lets one set of its pods. */
function withPodSettings(object: KubeObject, { version, values }: AddonWish): KubeObject {
  const spec = recordOf(object["spec"]);
  const template = recordOf(spec["template"]);
  const pod = recordOf(template["spec"]);
  const metadata = recordOf(template["metadata"]);
  const [main, ...others] = Array.isArray(pod["containers"]) ? (pod["containers"] as readonly AddonValues[]) : [];
  const container = { ...main, ...containerSettings(main ?? {}, values) };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, "app.kubernetes.io/version": version.replace(/-eksbuild.*$/, "") },
    },
    spec: {
      ...spec,
      template: {
        metadata: {
          ...metadata,
          labels: { ...recordOf(metadata["labels"]), ...recordOf(values["podLabels"]) },
          annotations: { ...recordOf(metadata["annotations"]), ...recordOf(values["podAnnotations"]), [VERSION_ANNOTATION]: version },
        },
        spec: { ...pod, ...podSettings(values), containers: [container, ...others] },
      },
    },
  };
}

function podSettings({ affinity, nodeSelector, tolerations, priorityClassName }: AddonValues): AddonValues {
  const settings = { affinity, nodeSelector, tolerations, priorityClassName };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== null));
}

function containerSettings(container: AddonValues, { resources, readinessProbeTimeoutSeconds }: AddonValues): AddonValues {
  const probe = recordOf(container["readinessProbe"]);
  return {
    ...(resources === undefined ? {} : { resources }),
    ...(readinessProbeTimeoutSeconds === undefined ? {} : { readinessProbe: { ...probe, timeoutSeconds: readinessProbeTimeoutSeconds } }),
  };
}

/** The service account with the role that IRSA gives its pods. */
function withRole(placed: Placed, account: string, roleArn: string | undefined): Placed {
  const { object } = placed;
  if (roleArn === undefined || roleArn === "" || object.kind !== "ServiceAccount" || object.metadata.name !== account) return placed;
  const annotations = { ...object.metadata.annotations, "eks.amazonaws.com/role-arn": roleArn };
  return { ...placed, object: { ...object, metadata: { ...object.metadata, annotations } } };
}

function recordOf(value: unknown): AddonValues {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is AddonValues {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([name, text]) => [name, String(text)]));
}
