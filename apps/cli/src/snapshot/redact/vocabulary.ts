/** What a redacted snapshot keeps: words that everybody's cluster has. Everything that is not known to be one of these is replaced. */

/** Fields whose text names something somebody made. */
export const NAME_FIELDS = new Set(
  `name namespace generateName nodeName serviceAccountName serviceAccount clusterName nodegroupName RoleName InstanceProfileName PolicyName
GroupName LaunchTemplateName LoadBalancerName TargetGroupName KeyName ingressClassName username host roleName externalName`.split(/\s+/),
);

/** Fields that no finding reads, and that may tell much: left out. */
export const DROPPED_FIELDS = new Set(
  `volumes volumeMounts volumeDevices envFrom imagePullSecrets secrets hostAliases livenessProbe readinessProbe startupProbe lifecycle dnsConfig
certificateAuthority identity endpoint encryptionConfig logging clientToken ClientToken clientRequestToken kubeletEndpoint nodeInfo images
volumesInUse volumesAttached DNSName PublicDnsName CanonicalHostedZoneId CreatedBy createdBy configurationValues remoteAccess mapRoles mapUsers
args command reportingInstance source RequesterId priorityClassName schedulerName fieldPath`.split(/\s+/),
);

/** Maps of keys and values that people choose. */
export const MAP_FIELDS = new Set(["labels", "annotations", "matchLabels", "nodeSelector", "selector", "tags"]);

const KNOWN_KEYS =
  /(?:^|[./-])(?:kubernetes\.io|k8s\.io|k8s\.aws|amazonaws\.com|eksctl\.io|karpenter\.sh|slash28\.dev)\/|^aws:|^eks:|^k8s-app$|^pod-template-hash$|^controller-revision-hash$/;
export const isKnownKey = (key: string): boolean => KNOWN_KEYS.test(key);

/** Values that say of what kind something is, not which one it is. */
const KIND_KEYS =
  /^(?:topology|failure-domain\.beta)\.kubernetes\.io\/|instance-type$|^(?:beta\.)?kubernetes\.io\/(?:os|arch)$|compute-type$|capacityType$|target-type$|\/scheme$|-type$|cross-zone|^kubernetes\.io\/role\/|^k8s-app$|hash$/;
const PLAIN_VALUE =
  /^(?:|true|false|ip|instance|internal|internet-facing|external|nlb|nlb-ip|owned|shared|none|[\d.,:; ]{1,9}|v?\d+(?:\.\d+)+(?:[-+][\w.]{1,20})?)$/;
export const isKindValue = (key: string, value: string): boolean => KIND_KEYS.test(key) || PLAIN_VALUE.test(value);

/** Programs of the network and of EKS, whose names are no secret; their pods' names begin with them. */
const PROGRAMS =
  "aws-node aws-vpc-cni amazon-vpc-cni vpc-cni kube-proxy coredns kube-dns node-local-dns node-cache eks-pod-identity-agent aws-load-balancer-controller metrics-server ebs-csi efs-csi aws-auth aws-eks-nodeagent install-cni".split(
    " ",
  );
const NAMES = new Set(
  "kube-system kube-public kube-node-lease default kubernetes alb nlb system eth0 eth1 vpc-cni AmazonEKS_CNI_Policy eks eksctl Node".split(
    " ",
  ),
);
export const isKeptName = (name: string): boolean =>
  NAMES.has(name) ||
  // Zones: ENIConfigs are called after them.
  /^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/.test(name) ||
  /^Amazon|^AWS/.test(name) ||
  PROGRAMS.some((program) => name === program || name.startsWith(`${program}-`));

/** Registries of programs that everybody has. */
export const isKnownImage = (image: string): boolean =>
  /^(?:\d{12}\.dkr\.ecr\.[^/]+\/(?:eks|amazon)[/-]|slash28\/|registry\.k8s\.io\/|public\.ecr\.aws\/eks)/.test(image);

/** Events that say why a pod has no address or no node; what other programs say is left out. */
export const isNetworkEvent = (reason: string): boolean =>
  /^(?:FailedCreatePodSandBox|FailedScheduling|NetworkNotReady|NodeNotReady|.*ENI.*|.*Address.*|.*Prefix.*|.*Subnet.*|MissingIAMPermissions|.*Unauthorized.*|.*Throttl.*|FailedDeploy.*)$/.test(
    reason,
  );

/** Variables that the VPC CNI, Pod Identity and IRSA use. */
export const isKnownVariable = (name: string): boolean =>
  /^(?:AWS_|ENABLE_|WARM_|MINIMUM_|MAX_|MY_NODE|ENI_|DISABLE_|ADDITIONAL_|IP_|VPC_|CLUSTER_|ANNOTATE_|POD_|NETWORK_|SLASH28_|USE_)/.test(
    name,
  );
