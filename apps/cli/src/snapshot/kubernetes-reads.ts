import { RESOURCES } from "@slash28/kube";
import type { KubeResource } from "@slash28/ports";

/** One `kubectl get` of a snapshot; the RBAC rules of `--show-permissions` come from the same table. */
export interface KubernetesRead {
  readonly file: string;
  readonly resource: KubeResource;
  /** What kubectl calls it. */
  readonly kind: string;
  /** One namespace; all of them, or none to be in, when absent. */
  readonly namespace?: string;
  /** These objects alone. */
  readonly names?: readonly string[];
  /** The cluster may not know the kind: then there is none of it. */
  readonly isOptional?: true;
  readonly isClusterWide?: true;
  /** No finding depends on it; people may want it. */
  readonly isForPeople?: true;
}

const crd = (group: string, version: string, plural: string): KubeResource => ({ group, version, plural });
const SYSTEM = "kube-system";

export const KUBERNETES_READS: readonly KubernetesRead[] = [
  { file: "nodes.json", resource: RESOURCES.nodes, kind: "Node", isClusterWide: true },
  { file: "pods.json", resource: RESOURCES.pods, kind: "Pod" },
  { file: "events.json", resource: RESOURCES.events, kind: "Event" },
  { file: "services.json", resource: RESOURCES.services, kind: "Service" },
  { file: "daemonsets.json", resource: RESOURCES.daemonSets, kind: "DaemonSet", namespace: SYSTEM },
  { file: "controllerrevisions.json", resource: RESOURCES.controllerRevisions, kind: "ControllerRevision", namespace: SYSTEM },
  { file: "serviceaccounts.json", resource: RESOURCES.serviceAccounts, kind: "ServiceAccount" },
  {
    file: "configmaps.json",
    resource: RESOURCES.configMaps,
    kind: "ConfigMap",
    namespace: SYSTEM,
    names: ["amazon-vpc-cni", "aws-auth"],
    isForPeople: true,
  },
  { file: "ingresses.json", resource: crd("networking.k8s.io", "v1", "ingresses"), kind: "Ingress" },
  { file: "ingressclasses.json", resource: crd("networking.k8s.io", "v1", "ingressclasses"), kind: "IngressClass", isClusterWide: true },
  {
    file: "ingressclassparams.json",
    resource: crd("elbv2.k8s.aws", "v1beta1", "ingressclassparams"),
    kind: "IngressClassParams",
    isOptional: true,
    isClusterWide: true,
  },
  {
    file: "targetgroupbindings.json",
    resource: crd("elbv2.k8s.aws", "v1beta1", "targetgroupbindings"),
    kind: "TargetGroupBinding",
    isOptional: true,
    isForPeople: true,
  },
  {
    file: "eniconfigs.json",
    resource: crd("crd.k8s.amazonaws.com", "v1alpha1", "eniconfigs"),
    kind: "ENIConfig",
    isOptional: true,
    isClusterWide: true,
  },
  {
    file: "securitygrouppolicies.json",
    resource: crd("vpcresources.k8s.aws", "v1beta1", "securitygrouppolicies"),
    kind: "SecurityGroupPolicy",
    isOptional: true,
  },
];

/** The command line that prints what a read gives. */
export function kubectlOf({ resource, namespace, names = [], isClusterWide }: KubernetesRead): string {
  const where = isClusterWide === true ? [] : namespace === undefined ? ["-A"] : ["-n", namespace];
  const what = resource.group.includes(".k8s.a") ? `${resource.plural}.${resource.group}` : resource.plural;
  return ["kubectl", "get", what, ...names, ...where, "-o", "json"].join(" ");
}

/** What RBAC calls the permission that a read needs. */
export function rbacOf({ resource, namespace, names }: KubernetesRead): string {
  const what = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
  return `${names === undefined ? "list" : "get"} ${what}${namespace === undefined ? "" : ` in ${namespace}`}`;
}
