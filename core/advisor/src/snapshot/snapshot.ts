import type {
  SeenAddon,
  SeenCluster,
  SeenEni,
  SeenInstance,
  SeenInstanceType,
  SeenLaunchTemplateVersion,
  SeenLoadBalancer,
  SeenNodeGroup,
  SeenPodIdentity,
  SeenQuota,
  SeenReservation,
  SeenRole,
  SeenRouteTable,
  SeenSecurityGroup,
  SeenSubnet,
  SeenTargetGroup,
  SeenTargetHealth,
  SeenVpc,
} from "./aws-objects.ts";
import type { SeenFirewall, SeenLogSign, SeenPool } from "./host-facts.ts";
import type {
  SeenDaemonSet,
  SeenEniConfig,
  SeenEvent,
  SeenIngress,
  SeenIngressClass,
  SeenIngressClassParams,
  SeenNode,
  SeenPod,
  SeenRevision,
  SeenSecurityGroupPolicy,
  SeenService,
  SeenServiceAccount,
} from "./kubernetes-objects.ts";

/**
 * A cluster and its VPC at one moment, as far as somebody saved them: plain data, every part optional. A part that is absent is not known; an
 * empty one is known to be empty.
 */
export interface Snapshot {
  readonly nodes?: readonly SeenNode[];
  readonly pods?: readonly SeenPod[];
  readonly daemonSets?: readonly SeenDaemonSet[];
  readonly revisions?: readonly SeenRevision[];
  readonly eniConfigs?: readonly SeenEniConfig[];
  readonly securityGroupPolicies?: readonly SeenSecurityGroupPolicy[];
  readonly serviceAccounts?: readonly SeenServiceAccount[];
  readonly services?: readonly SeenService[];
  readonly ingresses?: readonly SeenIngress[];
  readonly ingressClasses?: readonly SeenIngressClass[];
  readonly ingressClassParams?: readonly SeenIngressClassParams[];
  readonly events?: readonly SeenEvent[];

  readonly subnets?: readonly SeenSubnet[];
  readonly reservations?: readonly SeenReservation[];
  readonly enis?: readonly SeenEni[];
  readonly instances?: readonly SeenInstance[];
  readonly instanceTypes?: readonly SeenInstanceType[];
  readonly vpcs?: readonly SeenVpc[];
  readonly routeTables?: readonly SeenRouteTable[];
  readonly securityGroups?: readonly SeenSecurityGroup[];
  readonly natGateways?: readonly string[];
  readonly launchTemplateVersions?: readonly SeenLaunchTemplateVersion[];
  readonly quotas?: readonly SeenQuota[];
  readonly cluster?: SeenCluster;
  readonly addons?: readonly SeenAddon[];
  readonly nodeGroups?: readonly SeenNodeGroup[];
  readonly podIdentities?: readonly SeenPodIdentity[];
  readonly roles?: readonly SeenRole[];
  readonly loadBalancers?: readonly SeenLoadBalancer[];
  readonly targetGroups?: readonly SeenTargetGroup[];
  readonly targetHealth?: readonly SeenTargetHealth[];

  /** Firewalls of nodes. */
  readonly firewalls?: readonly SeenFirewall[];
  readonly pools?: readonly SeenPool[];
  readonly logSigns?: readonly SeenLogSign[];
}

export type SnapshotPart = keyof Snapshot;
