import { cidr4, type InstanceId, type SubnetId } from "@slash28/address";
import { createModelKernel, type ModelKernel } from "@slash28/host-network";
import { parseSettings } from "@slash28/ipam";
import { limitsOf } from "@slash28/limits";
import { Fault, type Labels, type Log, type Metadata, type Metrics } from "@slash28/ports";
import {
  createManualClock,
  createMemoryEc2,
  createMemoryJournal,
  createMemoryMetadata,
  quietLog,
  type ManualClock,
  type MemoryEc2,
  type MemoryJournal,
} from "@slash28/testkit";
import { createCloud, type Cloud, type Ec2Result } from "@slash28/vpc";
import type { EniConfig } from "../src/pool/pool-agent.ts";
import { createAgent, type Agent, type CniAnswer } from "../src/index.ts";

export interface WorldOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly subnet?: string;
  readonly type?: string;
  readonly maxPods?: number;
}

/** A node on a modelled VPC and a modelled kernel. The agent may be killed and started; the rest of the world goes on. */
export interface World {
  readonly cloud: Cloud;
  readonly clock: ManualClock;
  readonly kernel: ModelKernel;
  readonly ec2: MemoryEc2;
  readonly instanceId: InstanceId;
  readonly subnetId: SubnetId;
  readonly faults: Fault[];
  /** What works again: code and object. */
  readonly over: string[];
  readonly counted: Map<string, number>;
  /** The same by label values, `awscni_reconcile_count eniReconcileAdd`; of gauges every value they had. */
  readonly series: Map<string, number[]>;
  eniConfig: () => Promise<EniConfig>;
  journal: MemoryJournal;
  /** Where what was learned of the pods is kept. */
  demand: MemoryJournal;
  /** The metadata service as the agent that was started last sees it. */
  metadata: Metadata;
  agent: Agent;
  /** Starts an agent on what the last one left, and lets its pool settle. */
  start(env?: Readonly<Record<string, string>>): Promise<Agent>;
  /** Nothing of the agent happens any more; what it had written stays. */
  kill(): void;
  cni(verb: string, pod: string, more?: CniCall): Promise<CniAnswer>;
  add(pod: string, more?: CniCall): Promise<CniAnswer>;
  del(pod: string, more?: CniCall): Promise<CniAnswer>;
}

export interface CniCall {
  readonly container?: string;
  readonly netns?: string | undefined;
  readonly ifName?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly version?: string;
}

export function must<T>(result: Ec2Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export async function aWorld({ env = {}, subnet = "10.0.1.0/24", type = "m5.large", maxPods = 29 }: WorldOptions = {}): Promise<World> {
  const clock = createManualClock();
  const now = { now: clock.now() };
  const cloud = createCloud({ region: "us-east-1", accountId: "111122223333", zones: [{ name: "us-east-1a", id: "use1-az1" }] });
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, now));
  const { id: subnetId } = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4(subnet) }, now));
  const run = must(cloud.runInstances({ type, imageId: "ami-1", minCount: 1, maxCount: 1, subnetId }, now));
  const instanceId = run.instances[0]!.id;
  const kernel = createModelKernel((code, fields) => new Fault(code, fields));
  cloud.subscribe(() => plugLinks(cloud, instanceId, kernel));
  plugLinks(cloud, instanceId, kernel);

  const counted = new Map<string, number>();
  const series = new Map<string, number[]>();
  const seriesName = (name: string, labels: Labels = {}): string => [name, ...Object.values(labels)].join(" ");
  const metrics: Metrics = {
    add(name, labels, by = 1) {
      counted.set(name, (counted.get(name) ?? 0) + by);
      const key = seriesName(name, labels);
      series.set(key, [(series.get(key)?.[0] ?? 0) + by]);
    },
    set: (name, value, labels) => void series.set(seriesName(name, labels), [...(series.get(seriesName(name, labels)) ?? []), value]),
    observe: () => undefined,
  };
  let draws = 0;
  const world: Omit<World, "agent"> & { agent?: Agent } = {
    cloud,
    clock,
    kernel,
    ec2: createMemoryEc2(cloud, clock),
    instanceId,
    subnetId,
    faults: [],
    over: [],
    counted,
    series,
    eniConfig: () => Promise.reject(new Fault("KUBE_UNREACHABLE", { detail: "no ENIConfig" })),
    journal: createMemoryJournal(),
    demand: createMemoryJournal(),
    metadata: createMemoryMetadata(cloud, instanceId),
    async start(more = {}) {
      const { settings } = parseSettings({ ENABLE_IPv4: "true", ...env, ...more });
      const life = { isOver: false };
      const journal = createMemoryJournal(world.journal.lines);
      world.journal = journal;
      const { damage } = world.demand;
      world.demand = Object.assign(createMemoryJournal(world.demand.lines), { damage });
      const metadata = createMemoryMetadata(cloud, instanceId);
      world.metadata = metadata;
      const agent = createAgent(
        {
          clock: mortal(clock, life),
          log: process.env["AGENT_LOG"] ? loud : quietLog,
          metrics,
          journal,
          demand: world.demand,
          network: kernel,
          ec2: mortal(world.ec2, life),
          metadata,
        },
        {
          settings,
          identity: await metadata.identity(),
          limits: limitsOf(type)!,
          maxPods,
          journalPath: "memory",
          readCheckpoint: async () => undefined,
          isModelled: () => false,
          random: () => (0.5 + 0.618_034 * draws++) % 1,
          eniConfig: () => world.eniConfig(),
          onFault: (fault) => void world.faults.push(fault),
          onOver: (code, object) => void world.over.push(`${code} ${object ?? ""}`),
          onBug: (cause) => {
            throw cause;
          },
        },
      );
      world.agent = agent;
      lives.set(agent, life);
      let failure: unknown;
      void agent.start().catch((cause: unknown) => {
        failure = cause;
      });
      await clock.advance(1_000);
      if (failure !== undefined) throw failure;
      await clock.advance(1_000);
      return agent;
    },
    kill() {
      if (world.agent === undefined) return;
      world.journal.state = "dead";
      world.demand.state = "dead";
      const life = lives.get(world.agent);
      if (life !== undefined) life.isOver = true;
    },
    cni(verb, pod, { container = `${pod}-1`, ifName = "eth0", config = {}, version = "1.1.0", ...more } = {}) {
      const netns = "netns" in more ? more.netns : `/run/netns/${container}`;
      if (verb === "ADD" && netns !== undefined && netns.startsWith("/run")) kernel.addNamespace(netns);
      const isSandbox = verb === "ADD" || verb === "DEL" || verb === "CHECK";
      return world.agent!.serve({
        command: verb,
        containerId: isSandbox ? container : undefined,
        netns: isSandbox ? netns : undefined,
        ifName: isSandbox ? ifName : undefined,
        args: `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=${pod}`,
        config: JSON.stringify({ cniVersion: version, name: "aws-cni", type: "aws-cni", ...config }),
      });
    },
    add: (pod, more) => world.cni("ADD", pod, more),
    del: (pod, more) => world.cni("DEL", pod, more),
  };
  await world.start();
  return world as World;
}

const lives = new WeakMap<Agent, { isOver: boolean }>();

/** Calls of a dead agent never end and do nothing. */
function mortal<T extends object>(port: T, life: { readonly isOver: boolean }): T {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function" || name === "now") return value;
      return async (...args: unknown[]): Promise<unknown> => {
        if (life.isOver) await new Promise<never>(() => undefined);
        const result: unknown = await Reflect.apply(value, target, args);
        if (life.isOver) await new Promise<never>(() => undefined);
        return result;
      };
    },
  });
}

function plugLinks(cloud: Cloud, instanceId: InstanceId, kernel: ModelKernel): void {
  const attached = cloud.view.attachedEnis(instanceId);
  const present = kernel.linkMacs();
  for (const eni of attached)
    if (!present.includes(eni.mac))
      kernel.plugLink({ kind: "link", name: `eth${eni.attachment!.deviceIndex}`, mac: eni.mac, mtu: 9001, up: true });
}

const say = (level: string) => (message: string, fields?: object) => console.log(level, message, JSON.stringify(fields ?? {}));
const loud: Log = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error"), child: () => loud };

/** The address of an ADD's result; throws what was refused. */
export function addressOf(answer: CniAnswer): string {
  const body = JSON.parse(answer.body) as { ips?: readonly { address: string }[]; msg?: string };
  if (answer.exitCode !== 0) throw new Error(body.msg);
  return body.ips![0]!.address;
}

export function errorOf(answer: CniAnswer): { readonly code: number; readonly msg: string; readonly details?: string } {
  if (answer.exitCode === 0) throw new Error(`no error: ${answer.body}`);
  return JSON.parse(answer.body) as { code: number; msg: string };
}

/** Addresses of the node's ENIs in EC2, by kind. */
export function heldInEc2(world: Pick<World, "cloud" | "instanceId">): {
  readonly enis: number;
  readonly addresses: number;
  readonly prefixes: number;
} {
  const enis = world.cloud.view.attachedEnis(world.instanceId);
  return {
    enis: enis.length,
    addresses: enis.reduce((sum, eni) => sum + eni.secondaryAddresses.length, 0),
    prefixes: enis.reduce((sum, eni) => sum + eni.prefixes.length, 0),
  };
}
