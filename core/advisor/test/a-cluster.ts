import {
  asId,
  cidr4,
  ipv4,
  offsetIpv4,
  type Cidr4,
  type EniId,
  type InstanceId,
  type SecurityGroupId,
  type SubnetId,
  type VpcId,
} from "@slash28/address";
import type { SeenEni, SeenNode, SeenPod, SeenSubnet, Snapshot } from "@slash28/advisor";
import { limitsOf } from "@slash28/limits";

/** A cluster in which nothing is wrong, and small changes to it. */
export const VPC = asId<VpcId>("vpc-0000000000000000a");
export const SUBNET_A = asId<SubnetId>("subnet-0000000000000000a");
export const SUBNET_B = asId<SubnetId>("subnet-0000000000000000b");
export const NODE_GROUP_ID = asId<SecurityGroupId>("sg-000000000000node0");
export const CLUSTER_GROUP = asId<SecurityGroupId>("sg-00000000000cluster");
export const POD_GROUP = asId<SecurityGroupId>("sg-0000000000000pod0");

export const sg = (id: string): SecurityGroupId => asId<SecurityGroupId>(id);
export const subnetId = (id: string): SubnetId => asId<SubnetId>(id);

export function aSubnet(set: Partial<SeenSubnet> = {}): SeenSubnet {
  return {
    id: SUBNET_A,
    vpcId: VPC,
    zone: "us-east-1a",
    cidr: cidr4("10.0.1.0/24"),
    free: 200,
    hasIpv6: false,
    hasDns64: false,
    tags: {},
    ...set,
  };
}

export function aPod(name: string, set: Partial<SeenPod> = {}): SeenPod {
  return {
    namespace: "shop",
    name,
    labels: {},
    annotations: {},
    isOnHostNetwork: false,
    isFargate: false,
    serviceAccount: "default",
    phase: "Running",
    isReady: true,
    addresses: [],
    ipv6Addresses: [],
    images: ["nginx"],
    envNames: [],
    waitingFor: [],
    wantsBranchEni: false,
    ...set,
  };
}

/** A node with its instance, its primary ENI and as many running pods as asked, each with an address of that ENI. */
export interface Made {
  readonly node: SeenNode;
  readonly instance: NonNullable<Snapshot["instances"]>[number];
  readonly enis: readonly SeenEni[];
  readonly pods: readonly SeenPod[];
}

interface NodeShape {
  readonly index: number;
  readonly type?: string;
  readonly zone?: "a" | "b";
  /** Running pods, with an address each. */
  readonly pods?: number;
  /** Free addresses besides. */
  readonly spare?: number;
  readonly maxPods?: number;
  readonly waiting?: number;
  /** Addresses from one node to the next, so that further ENIs lie between them; absent: they lie beyond all nodes. */
  readonly inRow?: number;
}

/** Nodes take addresses one after the other, thirty apart: `10.0.1.10`, `10.0.1.40`, … */
export function aNode({ index, type = "m5.large", zone = "a", pods = 2, spare = 2, maxPods, waiting = 0, inRow }: NodeShape): Made {
  const name = `node-${index}`;
  const instanceId = asId<InstanceId>(`i-0000000000000000${index}`);
  const primary = offsetIpv4(ipv4(zone === "a" ? "10.0.1.10" : "10.0.2.10"), index * (inRow ?? 30));
  const limits = limitsOf(type);
  const raw = limits === undefined ? 29 : limits.maxEnis * (limits.ipv4PerEni - 1) + 2;
  const perEni = (limits?.ipv4PerEni ?? 10) - 1;
  const held = Array.from({ length: pods + spare }, (_, at) => offsetIpv4(primary, at + 1));
  const enis = Array.from({ length: Math.max(1, Math.ceil(held.length / perEni)) }, (_, device): SeenEni => ({
    id: asId<EniId>(`eni-${index}-${device}`),
    subnetId: zone === "a" ? SUBNET_A : SUBNET_B,
    instanceId,
    deviceIndex: device,
    networkCard: 0,
    primaryAddress: device === 0 ? primary : offsetIpv4(primary, (inRow === undefined ? 200 : inRow - 10) + device),
    addresses: held.slice(device * perEni, (device + 1) * perEni),
    prefixes: [],
    groupIds: [NODE_GROUP_ID, CLUSTER_GROUP],
    kind: "interface",
    description: "",
    tags: {},
  }));
  const running = held.slice(0, pods).map((address, at) => aPod(`${name}-pod-${at}`, { nodeName: name, addresses: [address] }));
  const stuck = Array.from({ length: waiting }, (_, at) =>
    aPod(`${name}-waiting-${at}`, { nodeName: name, phase: "Pending", isReady: false, waitingFor: ["ContainerCreating"] }),
  );
  return {
    node: {
      name,
      labels: { "topology.kubernetes.io/zone": `us-east-1${zone}` },
      annotations: {},
      zone: `us-east-1${zone}`,
      instanceType: type,
      instanceId,
      maxPods: maxPods ?? raw,
      isReady: true,
      isCordoned: false,
      isFargate: false,
      address: primary,
      nodeGroup: "workers",
    },
    instance: {
      id: instanceId,
      type,
      state: "running",
      zone: `us-east-1${zone}`,
      subnetId: zone === "a" ? SUBNET_A : SUBNET_B,
      metadata: { isOn: true, isTokenRequired: true, hopLimit: 2 },
      tags: {},
    },
    enis,
    pods: [...running, ...stuck],
  };
}

const IMAGE = "602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni";
export const agentImage = (version: string): string => `${IMAGE}:v${version}-eksbuild.1`;
export const ENV = {
  WARM_ENI_TARGET: "0",
  WARM_IP_TARGET: "2",
  MINIMUM_IP_TARGET: "4",
  ENABLE_POD_ENI: "true",
  POD_SECURITY_GROUP_ENFORCING_MODE: "standard",
};

export function agentWith(env: Readonly<Record<string, string>>, version = "1.21.1"): NonNullable<Snapshot["daemonSets"]>[number] {
  return {
    namespace: "kube-system",
    name: "aws-node",
    containers: [{ name: "aws-node", image: agentImage(version), env }],
    initContainers: [],
  };
}

const anyRule = { protocol: "-1", cidrs: [cidr4("0.0.0.0/0")], ipv6Cidrs: [], groupIds: [], prefixListIds: [] };
export const ruleFor = (set: {
  readonly protocol?: string;
  readonly port?: number;
  readonly cidr?: string;
  readonly group?: SecurityGroupId;
}) => ({
  protocol: set.protocol ?? "-1",
  ...(set.port === undefined ? {} : { ports: { from: set.port, to: set.port } }),
  cidrs: set.cidr === undefined ? ([] as Cidr4[]) : [cidr4(set.cidr)],
  ipv6Cidrs: [],
  groupIds: set.group === undefined ? [] : [set.group],
  prefixListIds: [],
});

/** The nodes' part of a snapshot. */
export function withNodes(nodes: readonly Made[]): Required<Pick<Snapshot, "nodes" | "instances" | "enis" | "pods">> {
  return {
    nodes: nodes.map(({ node }) => node),
    instances: nodes.map(({ instance }) => instance),
    enis: nodes.flatMap(({ enis }) => enis),
    pods: nodes.flatMap(({ pods }) => pods),
  };
}

const dnsPod = aPod("coredns-1", {
  namespace: "kube-system",
  labels: { "k8s-app": "kube-dns" },
  nodeName: "node-0",
  addresses: [ipv4("10.0.1.12")],
});
export const branchPod = aPod("pay-1", {
  labels: { app: "pay" },
  nodeName: "node-0",
  wantsBranchEni: true,
  addresses: [ipv4("10.0.1.200")],
});

/** Nothing is wrong here, and every part is there. */
export function healthy(): Required<Snapshot> {
  const base = withNodes([
    aNode({ index: 0, zone: "a" }),
    aNode({ index: 1, zone: "a" }),
    aNode({ index: 2, zone: "b" }),
    aNode({ index: 3, zone: "b" }),
  ]);
  const web = ["node-0", "node-2"].map((nodeName, at) =>
    aPod(`web-${at}`, { labels: { app: "web" }, nodeName, addresses: [ipv4(at === 0 ? "10.0.1.13" : "10.0.2.73")] }),
  );
  return {
    ...base,
    pods: [...base.pods, dnsPod, branchPod, ...web],
    daemonSets: [agentWith(ENV)],
    revisions: [
      { namespace: "kube-system", name: "aws-node-1", owner: "aws-node", revision: 1, images: [agentImage("1.20.4")] },
      { namespace: "kube-system", name: "aws-node-2", owner: "aws-node", revision: 2, images: [agentImage("1.21.1")] },
    ],
    eniConfigs: [],
    securityGroupPolicies: [
      {
        namespace: "shop",
        name: "pay",
        podSelector: [{ key: "app", operator: "in", values: ["pay"] }],
        groupIds: [POD_GROUP, CLUSTER_GROUP],
      },
    ],
    serviceAccounts: [{ namespace: "kube-system", name: "aws-node", labels: {}, roleArn: "arn:aws:iam::111122223333:role/cni" }],
    services: [
      {
        namespace: "shop",
        name: "grpc",
        type: "LoadBalancer",
        loadBalancerClass: "service.k8s.aws/nlb",
        annotations: {
          "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
          "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
        },
        selector: { app: "web" },
        clusterIps: [],
        hostnames: [],
      },
    ],
    ingresses: [
      {
        namespace: "shop",
        name: "web",
        className: "alb",
        annotations: { "alb.ingress.kubernetes.io/target-type": "ip", "alb.ingress.kubernetes.io/scheme": "internet-facing" },
        services: ["grpc"],
        hostnames: [],
      },
    ],
    ingressClasses: [{ name: "alb", controller: "ingress.k8s.aws/alb", isDefault: false }],
    ingressClassParams: [],
    events: [],
    subnets: [
      aSubnet(),
      aSubnet({ id: SUBNET_B, zone: "us-east-1b", cidr: cidr4("10.0.2.0/24") }),
      aSubnet({ id: subnetId("subnet-public"), cidr: cidr4("10.0.3.0/24"), free: 240, tags: { "kubernetes.io/role/elb": "1" } }),
      aSubnet({ id: subnetId("subnet-cluster"), cidr: cidr4("10.0.0.0/28"), free: 8 }),
    ],
    reservations: [],
    instanceTypes: [],
    vpcs: [{ id: VPC, cidrs: [cidr4("10.0.0.0/16")] }],
    routeTables: [{ id: "rtb-1", vpcId: VPC, isMain: false, subnetIds: [subnetId("subnet-public")], hasInternetGateway: true }],
    securityGroups: [
      { id: CLUSTER_GROUP, name: "cluster", ingress: [ruleFor({ group: CLUSTER_GROUP })], egress: [anyRule] },
      { id: POD_GROUP, name: "pay", ingress: [ruleFor({ protocol: "tcp", port: 443, cidr: "10.0.0.0/16" })], egress: [] },
    ],
    natGateways: [],
    launchTemplateVersions: [],
    quotas: [{ code: "L-DF5E4CA3", name: "Network interfaces per Region", value: 5000 }],
    cluster: {
      name: "prod",
      version: "1.32",
      ipFamily: "ipv4",
      vpcId: VPC,
      subnetIds: [subnetId("subnet-cluster")],
      clusterGroupId: CLUSTER_GROUP,
    },
    addons: [{ name: "vpc-cni", version: "v1.21.1-eksbuild.1", status: "ACTIVE", podIdentities: [], issues: [] }],
    nodeGroups: [
      {
        name: "workers",
        instanceTypes: ["m5.large"],
        subnetIds: [SUBNET_A, SUBNET_B],
        roleArn: "arn:aws:iam::111122223333:role/nodes",
        issues: [],
      },
    ],
    podIdentities: [],
    roles: [
      { name: "cni", attached: ["AmazonEKS_CNI_Policy"], documents: [] },
      { name: "nodes", attached: ["AmazonEKSWorkerNodePolicy"], documents: [] },
    ],
    loadBalancers: [],
    targetGroups: [],
    targetHealth: [],
    firewalls: [{ source: "node-0", forwardPolicy: "accept" }],
    pools: [],
    logSigns: [],
  };
}

export function changed(change: Partial<Snapshot>): Snapshot {
  return { ...healthy(), ...change };
}

export function withEnv(env: Readonly<Record<string, string | undefined>>, change: Partial<Snapshot> = {}): Snapshot {
  const all = Object.fromEntries(Object.entries({ ...ENV, ...env }).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return changed({ daemonSets: [agentWith(all)], ...change });
}
