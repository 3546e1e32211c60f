import { cidr4, cidr4Contains, compareCidr4, type Ipv4, type SubnetId, type VpcId } from "@slash28/address";
import { createAgent, type Agent } from "@slash28/agent";
import { createModelKernel } from "@slash28/host-network";
import { parseSettings } from "@slash28/ipam";
import { limitsOf } from "@slash28/limits";
import { Fault } from "@slash28/ports";
import { createRandom, createVirtualClock, Timeline } from "@slash28/simulation";
import { createMemoryEc2, createMemoryJournal, createMemoryMetadata, quietLog } from "@slash28/testkit";
import { createCloud, type Cloud, type Ec2Result, type Instance } from "@slash28/vpc";
import { addressOf, callFor } from "../src/pods/cni-call.ts";
import { newSandbox } from "../src/pods/sandbox.ts";

export type Env = Readonly<Record<string, string>>;

/** A node of the fleet: a real agent over a modelled kernel, with an instance of the cloud that all nodes share. */
export interface FleetNode {
  readonly instance: Instance;
  readonly maxPods: number;
  /** Pods that are placed here; those that run have an address. */
  readonly pods: Map<string, Ipv4 | undefined>;
  readonly kernel: ReturnType<typeof createModelKernel>;
  readonly journal: ReturnType<typeof createMemoryJournal>;
  /** Absent until it was started. */
  agent: Agent | undefined;
  life: { isOver: boolean };
}

/** Pods of the host network, which every node runs: aws-node and kube-proxy. */
const OWN_PODS = 2;
const KUBELET_RETRY_MS = 15_000;

function demand<T>(result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new TypeError(`${result.error.code}: ${result.error.message}`);
}

/** Many agents in one process and in virtual time: each with its own node, all with one VPC. */
export class Fleet {
  readonly timeline = new Timeline(Date.UTC(2030, 0, 1));
  readonly cloud: Cloud;
  readonly vpcId: VpcId;
  readonly nodes: FleetNode[] = [];
  /** What each agent gets for the ENIConfig of its zone. */
  readonly podSubnets = new Map<string, SubnetId>();
  env: Env;
  #pods = 0;

  constructor(options: { readonly vpcCidr: string; readonly zones: readonly string[]; readonly env: Env }) {
    this.env = options.env;
    this.cloud = createCloud({
      region: "us-east-1",
      accountId: "111122223333",
      zones: options.zones.map((name, index) => ({ name, id: `use1-az${index + 1}` })),
    });
    this.vpcId = demand(this.cloud.createVpc({ cidr: cidr4(options.vpcCidr) }, this.#call)).id;
  }

  get #call(): { readonly now: number } {
    return { now: this.timeline.now };
  }

  subnet(cidr: string, zone: string): SubnetId {
    return demand(this.cloud.createSubnet({ vpcId: this.vpcId, cidr: cidr4(cidr), zone }, this.#call)).id;
  }

  associate(cidr: string): void {
    demand(this.cloud.associateVpcCidr({ vpcId: this.vpcId, cidr: cidr4(cidr) }, this.#call));
  }

  /** An instance with its agent, or what EC2 says against it. */
  launch(subnetId: SubnetId, type: string, maxPods: number): FleetNode | string {
    const launched = this.cloud.runInstances({ type, imageId: "ami-1", minCount: 1, maxCount: 1, subnetId }, this.#call);
    if (!launched.ok) return launched.error.code;
    const [instance] = launched.value.instances;
    if (instance === undefined) throw new TypeError("no instance was launched");
    const kernel = createModelKernel((code, fields) => new Fault(code, fields));
    const plugged = new Set<string>();
    const plug = (): void => {
      for (const { mac, attachment } of this.cloud.view.attachedEnis(instance.id)) {
        if (attachment === undefined || plugged.has(mac)) continue;
        plugged.add(mac);
        kernel.plugLink({ kind: "link", name: `eth${attachment.deviceIndex}`, mac, mtu: 9001, up: true });
      }
    };
    plug();
    this.cloud.subscribe(plug);
    const life = { isOver: false };
    const node: FleetNode = { instance, maxPods, pods: new Map(), kernel, journal: createMemoryJournal(), life, agent: undefined };
    this.nodes.push(node);
    return node;
  }

  /** Starts the agents of nodes, anew with the fleet's settings where one runs: a rollout. */
  async start(...nodes: readonly FleetNode[]): Promise<void> {
    for (const node of nodes) {
      node.life.isOver = true;
      node.life = { isOver: false };
      node.agent = await this.#agentOf(node);
      void node.agent.start();
    }
    await this.pass(20_000);
  }

  async #agentOf({ instance, maxPods, kernel, journal, life }: FleetNode): Promise<Agent> {
    const metadata = createMemoryMetadata(this.cloud, instance.id);
    const random = createRandom("fleet", instance.id);
    const limits = limitsOf(instance.type);
    if (limits === undefined) throw new TypeError(`${instance.type} is not in the table of limits`);
    const ports = {
      clock: createVirtualClock(this.timeline, 0, () => life.isOver),
      log: quietLog,
      metrics: { add: () => undefined, set: () => undefined, observe: () => undefined },
      journal,
      network: kernel,
      ec2: createMemoryEc2(this.cloud, { now: () => this.timeline.now }),
      metadata,
    };
    return createAgent(ports, {
      settings: parseSettings(this.env).settings,
      identity: await metadata.identity(),
      limits,
      maxPods,
      journalPath: "memory",
      readCheckpoint: async () => undefined,
      isModelled: () => false,
      random: () => random.next(),
      eniConfig: async () => {
        const subnetId = this.podSubnets.get(instance.zone);
        if (subnetId === undefined) throw new Fault("KUBE_UNREACHABLE", { detail: `no ENIConfig ${instance.zone}` });
        return { name: instance.zone, subnetId, groups: [] };
      },
      onFault: () => undefined,
      onBug: (cause) => {
        throw cause;
      },
    });
  }

  /** Places pods as the scheduler does, on the node with the fewest; those for whom no node has room are given back. */
  async place(count: number): Promise<number> {
    for (let left = count; left > 0; left--) {
      const node = this.nodes.toSorted((a, b) => a.pods.size - b.pods.size).find((each) => each.pods.size + OWN_PODS < each.maxPods);
      if (node === undefined) return left;
      const pod = `pod-${++this.#pods}`;
      node.pods.set(pod, undefined);
      void this.#kubelet(node, pod);
    }
    await this.pass(180_000);
    return 0;
  }

  /** Kubelet's part: a sandbox after another until one has an address. */
  async #kubelet(node: FleetNode, pod: string): Promise<void> {
    const clock = createVirtualClock(this.timeline, 0, () => !this.nodes.includes(node));
    for (let attempt = 1; node.pods.get(pod) === undefined; attempt++) {
      const sandbox = newSandbox(pod, `${pod}-${attempt}`);
      node.kernel.addNamespace(sandbox.netns);
      const answer = await node.agent?.serve(callFor("ADD", sandbox));
      if (answer?.exitCode === 0) node.pods.set(pod, addressOf(answer));
      else {
        await node.agent?.serve(callFor("DEL", sandbox));
        node.kernel.removeNamespace(sandbox.netns);
        await clock.sleep(KUBELET_RETRY_MS);
      }
    }
  }

  /** Ends nodes with all that is on them; gives how many pods want another place. */
  end(...nodes: readonly FleetNode[]): number {
    for (const node of nodes) {
      node.life.isOver = true;
      this.nodes.splice(this.nodes.indexOf(node), 1);
      demand(this.cloud.terminateInstances({ instanceIds: [node.instance.id] }, this.#call));
    }
    return nodes.reduce((sum, node) => sum + node.pods.size, 0);
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    const due = { label: "due", fire: () => undefined };
    this.timeline.schedule(ms, due);
    for (let event = this.timeline.advance(); event !== undefined && event !== due; event = this.timeline.advance()) {
      event.fire();
      await new Promise(setImmediate);
    }
  }

  running(): readonly Ipv4[] {
    return this.nodes.flatMap((node) => [...node.pods.values()].filter((address) => address !== undefined));
  }

  /** Secondary addresses on the nodes' ENIs. */
  held(): number {
    const enis = this.nodes.flatMap((node) => this.cloud.view.attachedEnis(node.instance.id));
    return enis.reduce((sum, eni) => sum + eni.secondaryAddresses.length, 0);
  }

  /** Free addresses of the subnets in a range, as `DescribeSubnets` tells them. */
  freeIn(cidr: string): readonly number[] {
    const range = cidr4(cidr);
    const described = demand(this.cloud.describeSubnets({}, this.#call)).filter((subnet) => cidr4Contains(range, subnet.cidr));
    return described.toSorted((a, b) => compareCidr4(a.cidr, b.cidr)).map((subnet) => subnet.freeAddresses);
  }
}
