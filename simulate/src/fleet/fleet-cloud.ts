import { cidr4, type InstanceId, type SubnetId } from "@slash28/address";
import { createModelKernel, type ModelKernel } from "@slash28/host-network";
import { Fault, type Clock, type Ec2, type InstanceIdentity, type Metadata } from "@slash28/ports";
import { createRandom, type Random } from "@slash28/simulation";
import { createMemoryEc2, createMemoryMetadata } from "@slash28/testkit";
import { AccountBuckets, createCloud, type Cloud, type Ec2Result } from "@slash28/vpc";

/** What a fleet asked of EC2. */
export interface FleetCalls {
  sent: number;
  throttled: number;
  /** Requests by EC2's name of the action. */
  readonly byAction: Map<string, number>;
}

/** One node of the fleet, from the outside. */
export interface FleetNode {
  readonly identity: InstanceIdentity;
  readonly metadata: Metadata;
  readonly kernel: ModelKernel;
}

/** An account with an instance for each node, and EC2 with its published token buckets. Every node's new ENIs go to one subnet. */
export interface FleetCloud {
  readonly nodes: readonly FleetNode[];
  readonly podSubnet: SubnetId;
  readonly calls: FleetCalls;
  /** Sends one request of a node: it takes time, and the buckets may refuse it. */
  send<T>(action: string, clock: Clock, work: () => Promise<T>): Promise<T>;
  readonly ec2: Ec2;
}

/** How long EC2 takes to answer, give or take a third (as measured by users: see the lab's latency profile). */
const LATENCY_MS: Readonly<Record<string, number>> = {
  AttachNetworkInterface: 750,
  CreateNetworkInterface: 600,
  AssignPrivateIpAddresses: 450,
};
const OTHER_LATENCY_MS = 150;
/** An attached ENI shows as a link after this. */
export const LINK_AFTER_MS = 1_500;

export async function createFleetCloud(nodeCount: number, clock: Clock): Promise<FleetCloud> {
  const call = { now: clock.now() };
  const cloud = createCloud({
    region: "us-east-1",
    accountId: "111122223333",
    zones: [{ name: "us-east-1a", id: "use1-az1" }],
    quotas: { enis: 100_000 },
  });
  const { id: vpcId } = demand(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, call));
  const nodeSubnet = demand(cloud.createSubnet({ vpcId, cidr: cidr4("10.0.0.0/18") }, call)).id;
  const podSubnet = demand(cloud.createSubnet({ vpcId, cidr: cidr4("10.0.128.0/17") }, call)).id;
  const launch = { type: "m5.large", imageId: "ami-1", minCount: nodeCount, maxCount: nodeCount, subnetId: nodeSubnet };
  const { instances } = demand(cloud.runInstances(launch, call));
  const nodes = await Promise.all(instances.map((instance) => nodeOf(cloud, instance.id)));
  const buckets = new AccountBuckets();
  const calls: FleetCalls = { sent: 0, throttled: 0, byAction: new Map() };
  const random = createRandom("fleet", nodeCount);
  const ec2 = createMemoryEc2(cloud, clock);
  ec2.before = () => void (ec2.calls.length = 0);
  return {
    nodes,
    podSubnet,
    calls,
    ec2,
    async send(action, sender, work) {
      await sender.sleep(latencyMs(action, random));
      calls.sent++;
      calls.byAction.set(action, (calls.byAction.get(action) ?? 0) + 1);
      const mutates = !action.startsWith("Describe");
      if (!buckets.admits({ action, mutates, unbounded: false, instances: 0 }, clock.now())) {
        calls.throttled++;
        throw new Fault("EC2_THROTTLED", { api: action });
      }
      return await work();
    },
  };
}

async function nodeOf(cloud: Cloud, instanceId: InstanceId): Promise<FleetNode> {
  const metadata = createMemoryMetadata(cloud, instanceId);
  const identity = await metadata.identity();
  const kernel = createModelKernel((code, fields) => new Fault(code, fields));
  kernel.plugLink({ kind: "link", name: "eth0", mac: identity.primaryMac, mtu: 9001, up: true });
  return { identity, metadata, kernel };
}

function latencyMs(action: string, random: Random): number {
  return (LATENCY_MS[action] ?? OTHER_LATENCY_MS) * (0.67 + 0.66 * random.next());
}

function demand<T>(result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new TypeError(`${result.error.code}: ${result.error.message}`);
}
