import type { Snapshot, SnapshotPart } from "./snapshot.ts";

/** A part of a snapshot, as people speak of it, and how to get it. */
export interface PartSpec {
  readonly title: string;
  /** A command whose output fills it. `<cluster>` stands for the cluster's name. */
  readonly command: string;
  /** Words in a file's name that say what an empty list in it is a list of: nothing else does. */
  readonly names: readonly string[];
}

const kubectl = (what: string, flags = "-A"): string => `kubectl get ${what}${flags === "" ? "" : ` ${flags}`} -o json`;
const aws = (command: string): string => `aws ${command} --output json`;
const part = (title: string, command: string, ...names: string[]): PartSpec => ({ title, command, names });

export const PARTS: Readonly<Record<SnapshotPart, PartSpec>> = {
  nodes: part("nodes", kubectl("nodes", ""), "nodes"),
  pods: part("pods", kubectl("pods"), "pods"),
  daemonSets: part("DaemonSets", kubectl("daemonsets"), "daemonsets", "aws-node"),
  revisions: part("earlier versions of DaemonSets", kubectl("controllerrevisions", "-n kube-system"), "controllerrevisions"),
  eniConfigs: part("ENIConfigs", kubectl("eniconfigs.crd.k8s.amazonaws.com", ""), "eniconfigs"),
  securityGroupPolicies: part(
    "SecurityGroupPolicies",
    kubectl("securitygrouppolicies.vpcresources.k8s.aws"),
    "securitygrouppolicies",
    "sgp",
  ),
  serviceAccounts: part("service accounts", kubectl("serviceaccounts"), "serviceaccounts"),
  services: part("services", kubectl("services"), "services"),
  ingresses: part("Ingresses", kubectl("ingresses"), "ingresses"),
  ingressClasses: part("Ingress classes", kubectl("ingressclasses", ""), "ingressclasses"),
  ingressClassParams: part("parameters of Ingress classes", kubectl("ingressclassparams.elbv2.k8s.aws", ""), "ingressclassparams"),
  events: part("events", kubectl("events"), "events"),
  subnets: part("subnets", aws("ec2 describe-subnets"), "subnets"),
  reservations: part("CIDR reservations of subnets", aws("ec2 get-subnet-cidr-reservations --subnet-id <subnet>"), "reservations"),
  enis: part("network interfaces", aws("ec2 describe-network-interfaces"), "network-interfaces", "enis"),
  instances: part("instances", aws("ec2 describe-instances"), "instances"),
  instanceTypes: part("instance types", aws("ec2 describe-instance-types --instance-types <types>"), "instance-types"),
  vpcs: part("VPCs", aws("ec2 describe-vpcs"), "vpcs"),
  routeTables: part("route tables", aws("ec2 describe-route-tables"), "route-tables"),
  securityGroups: part("security groups", aws("ec2 describe-security-groups"), "security-groups"),
  natGateways: part("NAT gateways", aws("ec2 describe-nat-gateways"), "nat-gateways"),
  launchTemplateVersions: part(
    "launch templates",
    aws("ec2 describe-launch-template-versions --versions '$Latest' '$Default'"),
    "launch-template-versions",
  ),
  quotas: part("quotas", aws("service-quotas list-service-quotas --service-code vpc"), "quotas"),
  cluster: part("the EKS cluster", aws("eks describe-cluster --name <cluster>"), "cluster"),
  addons: part("the vpc-cni add-on", aws("eks describe-addon --cluster-name <cluster> --addon-name vpc-cni"), "addon"),
  nodeGroups: part("node groups", aws("eks describe-nodegroup --cluster-name <cluster> --nodegroup-name <group>"), "nodegroup"),
  podIdentities: part(
    "Pod Identity associations",
    aws("eks list-pod-identity-associations --cluster-name <cluster>"),
    "pod-identity-associations",
  ),
  roles: part("IAM roles and their policies", aws("iam get-account-authorization-details --filter Role LocalManagedPolicy"), "roles"),
  loadBalancers: part("load balancers", aws("elbv2 describe-load-balancers"), "load-balancers"),
  targetGroups: part("target groups", aws("elbv2 describe-target-groups"), "target-groups"),
  targetHealth: part("the health of targets", aws("elbv2 describe-target-health --target-group-arn <target-group>"), "target-health"),
  firewalls: part("firewalls of nodes", "iptables-save   # on a node", "iptables"),
  pools: part("pools of nodes", "kubectl exec -n kube-system <aws-node-pod> -c aws-node -- curl -s http://localhost:61679/v1/enis", "enis"),
  logSigns: part("logs of the agent", "kubectl logs -n kube-system daemonset/aws-node -c aws-node --tail=-1", "ipamd"),
};

/** The command for a part, with the cluster's name where the snapshot has it. */
export function commandFor(wanted: SnapshotPart, snapshot: Snapshot): string {
  const { command } = PARTS[wanted];
  return snapshot.cluster === undefined ? command : command.replaceAll("<cluster>", snapshot.cluster.name);
}
