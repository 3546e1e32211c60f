import type { KubeObject } from "@slash28/ports";
import { NODE_TAINTS } from "../node-taints.ts";
import type { NodeSpec } from "./kubelet-options.ts";
import { networkNotReady } from "./node-network.ts";
import type { NetworkState } from "./node-network.ts";

export interface NodeCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastHeartbeatTime: string;
  readonly lastTransitionTime: string;
}

export interface NodeObject extends KubeObject {
  readonly spec?: {
    readonly taints?: readonly { readonly key: string; readonly effect: string; readonly value?: string }[];
    readonly [field: string]: unknown;
  };
  readonly status?: { readonly conditions?: readonly NodeCondition[]; readonly [field: string]: unknown };
}

export interface MachineFacts {
  /** As Kubernetes names them: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly kernel: string;
  readonly osImage: string;
  readonly machineId: string;
}

const VERSION = "v1.35.0";
/** What a new node starts with; the node controller takes it away once the node is ready. */
const NOT_READY_TAINT = { key: NODE_TAINTS.notReady, effect: "NoSchedule" };

/** The Node a kubelet registers, without its status. */
export function nodeObject(node: NodeSpec, machine: MachineFacts): NodeObject {
  const labels = {
    "kubernetes.io/hostname": node.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": machine.architecture,
    "beta.kubernetes.io/os": "linux",
    "beta.kubernetes.io/arch": machine.architecture,
    "node.kubernetes.io/instance-type": node.instanceType,
    "beta.kubernetes.io/instance-type": node.instanceType,
    "topology.kubernetes.io/zone": node.zone,
    "topology.kubernetes.io/region": node.region,
    "failure-domain.beta.kubernetes.io/zone": node.zone,
    "failure-domain.beta.kubernetes.io/region": node.region,
    ...node.labels,
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels },
    spec: { providerID: `aws:///${node.zone}/${node.instanceId}`, taints: [NOT_READY_TAINT, ...(node.taints ?? [])] },
  };
}

/** A Node's status. Transition times of conditions that did not change are kept from `before`. */
export function nodeStatus(
  node: NodeSpec,
  machine: MachineFacts,
  network: NetworkState,
  before: NodeObject | undefined,
  now: string,
): Readonly<Record<string, unknown>> {
  const amounts = {
    cpu: String(node.vcpus),
    memory: `${node.memoryMib * 1024}Ki`,
    pods: String(node.maxPods),
    "ephemeral-storage": "20959212Ki",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
  };
  const internalDns = `ip-${node.address.replaceAll(".", "-")}.${node.region === "us-east-1" ? "ec2.internal" : `${node.region}.compute.internal`}`;
  return {
    capacity: amounts,
    allocatable: { ...amounts, ...leftFor(node) },
    addresses: [
      { type: "InternalIP", address: node.address },
      { type: "InternalDNS", address: internalDns },
      { type: "Hostname", address: node.name },
    ],
    conditions: conditions(network).map((condition) => {
      const earlier = before?.status?.conditions?.find(({ type }) => type === condition.type);
      return {
        ...condition,
        lastHeartbeatTime: now,
        lastTransitionTime: earlier?.status === condition.status ? earlier.lastTransitionTime : now,
      };
    }),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: machine.architecture,
      bootID: machine.machineId,
      containerRuntimeVersion: "containerd://2.1.0",
      kernelVersion: machine.kernel,
      kubeProxyVersion: VERSION,
      kubeletVersion: `${VERSION}-slash28-lab`,
      machineID: machine.machineId,
      operatingSystem: "linux",
      osImage: machine.osImage,
      systemUUID: `ec2${node.instanceId.replace(/^i-/, "")}`,
    },
  };
}

/** Amounts less what is reserved, as the node says what pods may have. */
function leftFor({ vcpus, memoryMib, reserved }: NodeSpec): Readonly<Record<string, string>> {
  if (reserved === undefined) return {};
  return {
    cpu: `${Math.max(0, vcpus * 1_000 - reserved.cpuMillicores)}m`,
    memory: `${Math.max(0, memoryMib - reserved.memoryMib) * 1_024}Ki`,
  };
}

function conditions(network: NetworkState): readonly Pick<NodeCondition, "type" | "status" | "reason" | "message">[] {
  return [
    { type: "MemoryPressure", status: "False", reason: "KubeletHasSufficientMemory", message: "kubelet has sufficient memory available" },
    { type: "DiskPressure", status: "False", reason: "KubeletHasNoDiskPressure", message: "kubelet has no disk pressure" },
    { type: "PIDPressure", status: "False", reason: "KubeletHasSufficientPID", message: "kubelet has sufficient PID available" },
    network.isReady
      ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
      : { type: "Ready", status: "False", reason: "KubeletNotReady", message: networkNotReady(network.why) },
  ];
}
