import { cidr4Has, type InstanceId, type SubnetId } from "@slash28/address";
import { parseSettings, type ParsedSettings } from "@slash28/ipam";
import { limitsOf, parseCniVersion, type CniVersion, type InstanceLimits } from "@slash28/limits";
import type { SeenEni, SeenInstance, SeenInstanceType, SeenSubnet } from "./aws-objects.ts";
import type { SeenDaemonSet, SeenNode, SeenPod } from "./kubernetes-objects.ts";
import type { Snapshot } from "./snapshot.ts";

/** A node with all that belongs to it, from Kubernetes and from EC2. */
export interface ViewNode {
  readonly node: SeenNode;
  readonly name: string;
  readonly zone: string | undefined;
  readonly instance: SeenInstance | undefined;
  readonly type: string | undefined;
  readonly limits: InstanceLimits | undefined;
  /** By device index; branch ENIs are none of the instance's. */
  readonly enis: readonly SeenEni[];
  /** The subnet of its primary ENI. */
  readonly subnet: SeenSubnet | undefined;
  /** Pods that are not over, on the host's network too. */
  readonly pods: readonly SeenPod[];
}

/**
 * A snapshot, joined up: nodes with their instances, ENIs and pods, the agent's settings. Everything that several findings ask for is here once. What
 * a part that is absent would say is `undefined` or empty.
 */
export class ClusterView {
  readonly snapshot: Snapshot;
  /** Pods that are not over. */
  readonly livePods: readonly SeenPod[];
  /** Pods that are on a node and have no address yet. */
  readonly waitingPods: readonly SeenPod[];
  readonly nodes: readonly ViewNode[];
  /** The agent's DaemonSet, and the settings in its environment. */
  readonly agent: SeenDaemonSet | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly parsed: ParsedSettings;
  readonly #subnets: ReadonlyMap<string, SeenSubnet>;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
    this.livePods = (snapshot.pods ?? []).filter(isLive);
    this.waitingPods = this.livePods.filter(waitsForAddress);
    this.#subnets = new Map((snapshot.subnets ?? []).map((subnet) => [subnet.id, subnet]));
    this.agent = snapshot.daemonSets?.find(({ name, namespace }) => name === "aws-node" && namespace === "kube-system");
    this.env = this.agent?.containers.find(({ name }) => name === "aws-node")?.env ?? {};
    this.parsed = parseSettings(this.env);
    this.nodes = this.#joinNodes();
  }

  subnet(id: SubnetId | undefined): SeenSubnet | undefined {
    return id === undefined ? undefined : this.#subnets.get(id);
  }

  /** Whether the snapshot has the agent's settings; without it the defaults stand. */
  get hasSettings(): boolean {
    return this.agent !== undefined;
  }

  get settings(): ParsedSettings["settings"] {
    return this.parsed.settings;
  }

  /** A switch of the environment that the agent of this house does not serve, as upstream reads it. */
  isOn(variable: string): boolean {
    return ["1", "t", "T", "TRUE", "true", "True"].includes(this.env[variable] ?? "");
  }

  /** The VPC CNI's release: that of the image, or of the add-on. */
  get cniVersion(): CniVersion | undefined {
    const image = this.agent?.containers.find(({ name }) => name === "aws-node")?.image;
    const addon = this.snapshot.addons?.find(({ name }) => name === "vpc-cni");
    // Another agent's image has a version of its own, and the add-on says which VPC CNI it stands for.
    return (image !== undefined && CNI_IMAGE.test(image) ? versionOfImage(image) : undefined) ?? parseCniVersion(addon?.version ?? "");
  }

  /** Whether the cluster is IPv6, by EKS's word or the agent's setting. */
  get isIpv6(): boolean {
    return this.snapshot.cluster?.ipFamily === "ipv6" || this.isOn("ENABLE_IPv6");
  }

  nodeNamed(name: string | undefined): ViewNode | undefined {
    return name === undefined ? undefined : this.nodes.find((each) => each.name === name);
  }

  #joinNodes(): readonly ViewNode[] {
    const { nodes = [], instances = [], enis = [], instanceTypes = [] } = this.snapshot;
    const instanceById = new Map<string, SeenInstance>(instances.map((instance) => [instance.id, instance]));
    const answered = new Map(instanceTypes.map((type) => [type.type, type]));
    const enisOf = groupBy(enis, ({ instanceId }) => instanceId);
    const podsOf = groupBy(this.livePods, ({ nodeName }) => nodeName);
    const idByAddress = new Map<number, InstanceId>(
      enis.flatMap((eni) => (eni.instanceId === undefined ? [] : [[eni.primaryAddress, eni.instanceId]])),
    );
    return nodes.map((node): ViewNode => {
      const instanceId = node.instanceId ?? idByAddress.get(node.address ?? -1);
      const instance = instanceById.get(instanceId ?? "");
      const type = instance?.type ?? node.instanceType ?? "";
      const own = instanceId === undefined ? [] : (enisOf.get(instanceId) ?? []).toSorted(byDevice);
      const subnet = this.#subnetOf(node, instance, own);
      return {
        node,
        name: node.name,
        zone: node.zone ?? instance?.zone ?? subnet?.zone,
        instance,
        type: type === "" ? undefined : type,
        limits: limitsOf(type) ?? limitsFrom(answered.get(type)),
        enis: own,
        subnet,
        pods: podsOf.get(node.name) ?? [],
      };
    });
  }

  #subnetOf(node: SeenNode, instance: SeenInstance | undefined, enis: readonly SeenEni[]): SeenSubnet | undefined {
    const id = enis.find(({ deviceIndex }) => deviceIndex === 0)?.subnetId ?? instance?.subnetId;
    return this.subnet(id) ?? this.#subnetWith(node);
  }

  /** Without EC2's word on the instance, its address tells the subnet. */
  #subnetWith({ address }: SeenNode): SeenSubnet | undefined {
    return address === undefined ? undefined : [...this.#subnets.values()].find(({ cidr }) => cidr4Has(cidr, address));
  }
}

export function isLive({ phase }: SeenPod): boolean {
  return phase !== "Succeeded" && phase !== "Failed";
}

/** Whether a pod takes an address of its node's pool: not on the host's network, not on Fargate, no branch ENI. */
export function usesPool(pod: SeenPod): boolean {
  return !pod.isOnHostNetwork && !pod.isFargate && !pod.wantsBranchEni;
}

/** A pod that kubelet has taken and that has no address: its sandbox is not there yet. */
export function waitsForAddress(pod: SeenPod): boolean {
  return (
    isLive(pod) &&
    pod.nodeName !== undefined &&
    !pod.isOnHostNetwork &&
    !pod.isFargate &&
    pod.phase === "Pending" &&
    pod.addresses.length === 0 &&
    pod.ipv6Addresses.length === 0
  );
}

const CNI_IMAGE = /amazon-k8s-cni(?!-init)[:@/]|\/aws-node:/;

/** `602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:v1.18.1-eksbuild.3`, with or without a digest. */
export function versionOfImage(image: string): CniVersion | undefined {
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1];
  return tag === undefined ? undefined : parseCniVersion(tag);
}

function byDevice(a: SeenEni, b: SeenEni): number {
  return (a.deviceIndex ?? 0) - (b.deviceIndex ?? 0);
}

export function groupBy<T, K>(items: readonly T[], key: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const k = key(item);
    const group = groups.get(k);
    if (group === undefined) groups.set(k, [item]);
    else group.push(item);
  }
  return groups;
}

/** EC2's own answer, for a type that the table does not have yet; it does not tell branch ENIs. */
function limitsFrom(answer: SeenInstanceType | undefined): InstanceLimits | undefined {
  if (answer === undefined) return undefined;
  return {
    type: answer.type,
    maxEnis: answer.maxEnis,
    ipv4PerEni: answer.ipv4PerEni,
    hypervisor: answer.hypervisor,
    bareMetal: answer.isBareMetal,
    vcpus: answer.vcpus,
    memoryMiB: answer.memoryMiB,
    networkCards: [{ index: 0, maxEnis: answer.maxEnis }],
    defaultNetworkCard: 0,
    branchInterfaces: undefined,
    trunkingCompatible: answer.hypervisor === "nitro",
  };
}
