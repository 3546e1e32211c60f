import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { formatIpv4, type InstanceId } from "@slash28/address";
import { RESOURCES } from "@slash28/kube";
import { listenInNamespace } from "@slash28/linux";
import type { Clock, Kube, Log } from "@slash28/ports";
import { privateDnsName, type Cloud, type Instance } from "@slash28/vpc";
import { createMetadataService, metadataLagMs, serve, type Ec2Profile, type MetadataService, type Serving } from "../aws/index.ts";
import { METADATA_ADDRESS, type Fabric } from "../fabric/index.ts";
import { createApiConnection, overConnection, type ApiConnection } from "../kubernetes/api-connection.ts";
import { startNodeProxy } from "./node-proxy.ts";
import type { Kubelet, NodeSpec } from "../kubernetes/kubelet/index.ts";
import type { EventBook } from "./event-book.ts";
import { joiningOf, type Joining, type LabNodeFacts } from "./node-groups/index.ts";

/** An instance that is a node: its metadata service, its kubelet, its service rules. */
export interface LabNode {
  readonly instanceId: InstanceId;
  readonly spec: NodeSpec;
  readonly kubelet: Kubelet;
  /** Its kubelet's and its kube-proxy's way to the API. */
  readonly connection: ApiConnection;
  readonly metadata: Pick<MetadataService, "freeze" | "thaw">;
}

export interface NodesOptions {
  readonly cloud: Cloud;
  /** Their cluster: instances with its tag are its nodes. */
  readonly clusterName: string;
  /** Why an instance cannot be a node here whatever it was told; `undefined` when it can. */
  readonly hindrance?: (instance: Instance) => string | undefined;
  /** Absent in the simulated data plane: nodes then have no namespaces. */
  readonly fabric: Fabric | undefined;
  /** The API, by the name each part writes under. */
  readonly kubeOf: (client: string) => Kube;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly profile: Ec2Profile;
  readonly nodesDir: string;
  /** Holds the volumes that pods of several nodes may use. */
  readonly disksDir: string;
  readonly newKubelet: (spec: NodeSpec, metadataUrl: string, connection: ApiConnection) => Kubelet;
  readonly events: EventBook;
  /** Whose credentials an instance's metadata service gives. */
  readonly roleNameOf: (instance: Instance) => string | undefined;
}

/** The cluster's nodes: those of its running instances. */
export interface Nodes {
  /** Starts what has come and ends what has gone, then resolves. Calls run one after another. */
  follow(): Promise<void>;
  all(): readonly LabNode[];
  find(nodeName: string): LabNode | undefined;
  /** Why an instance with the cluster's tag does not join; empty for one that has joined, or is none of the cluster's. */
  problemsOf(instanceId: string): readonly string[];
  close(): Promise<void>;
}

interface RunningNode extends LabNode {
  stop(): Promise<void>;
}

const ALIVE = new Set<Instance["state"]>(["pending", "running"]);
const METADATA_PORT = 80;
/** For the few types whose size no source tells. */
const UNTOLD_VCPUS = 2;
const UNTOLD_MEMORY_MIB = 4096;

export function createNodes(options: NodesOptions): Nodes {
  const running = new Map<InstanceId, RunningNode>();
  const broken = new Map<string, readonly string[]>();
  let last: Promise<void> = Promise.resolve();

  const followOnce = async (): Promise<void> => {
    const instances = options.cloud.view.instances().filter((instance) => ALIVE.has(instance.state));
    const alive = new Set(instances.map((instance) => instance.id));
    const gone = [...running.values()].filter((node) => !alive.has(node.instanceId));
    await Promise.all(gone.map((node) => endNode(options, running, node)));
    for (const id of broken.keys()) if (!alive.has(id as InstanceId)) broken.delete(id);
    const come = instances.filter((instance) => !running.has(instance.id) && !broken.has(instance.id));
    await Promise.all(
      come.map(async (instance) => {
        const joining = joiningOfInstance(options, instance);
        if (joining.kind === "node") running.set(instance.id, await startNode(options, instance, joining.facts));
        else if (joining.kind === "broken") {
          broken.set(instance.id, joining.problems);
          tellBroken(options, instance, joining.problems);
        }
      }),
    );
  };

  return {
    follow: () => (last = last.then(followOnce)),
    all: () => [...running.values()],
    find: (nodeName) => [...running.values()].find((node) => node.spec.name === nodeName),
    problemsOf: (instanceId) => broken.get(instanceId) ?? [],
    close: async () => {
      await last.catch(() => undefined);
      await Promise.all([...running.values()].map((node) => node.stop()));
    },
  };
}

function joiningOfInstance({ cloud, clusterName, hindrance }: NodesOptions, instance: Instance): Joining {
  if (instance.privateAddress === undefined) return { kind: "stranger" };
  const joining = joiningOf(instance, { name: clusterName }, privateDnsName(cloud.region, instance.privateAddress));
  const why = joining.kind === "node" ? hindrance?.(instance) : undefined;
  return why === undefined ? joining : { kind: "broken", problems: [why] };
}

/** An operator looks for such a node in vain; the reason stands in the lab's log and among its events. */
function tellBroken({ log, events }: NodesOptions, instance: Instance, problems: readonly string[]): void {
  const detail = problems.join("; ");
  log.warn("an instance does not join the cluster", { instance: instance.id, detail });
  events.record("node-not-joined", instance.id, detail);
}

async function startNode(options: NodesOptions, instance: Instance, facts: LabNodeFacts): Promise<RunningNode> {
  const { cloud, fabric, kubeOf, log } = options;
  const spec = nodeSpec(options, instance, facts);
  mkdirSync(spec.rootDir, { recursive: true });
  const metadata = await serveMetadata(options, instance.id);
  const connection = createApiConnection();
  const kubelet = options.newKubelet(spec, metadata.url, connection);
  await kubelet.start();
  const kube = overConnection(kubeOf("kube-proxy"), connection);
  const proxy = fabric === undefined ? undefined : startNodeProxy({ ...options, kube }, spec);
  log.info("a node joined", { node: spec.name, instance: instance.id, region: cloud.region });
  options.events.record("node-joined", spec.name, `${instance.id}, ${instance.type} in ${instance.zone}`);
  return {
    instanceId: instance.id,
    spec,
    kubelet,
    connection,
    metadata: metadata.service,
    stop: async () => {
      await proxy?.stop();
      await kubelet.stop();
      await metadata.close();
    },
  };
}

/** An instance that ends takes its processes with it. Its Node goes only when it is terminated, as the cloud controller has it. */
async function endNode(options: NodesOptions, running: Map<InstanceId, RunningNode>, node: RunningNode): Promise<void> {
  running.delete(node.instanceId);
  await node.stop();
  const state = options.cloud.view.instance(node.instanceId)?.state ?? "terminated";
  if (state !== "stopping" && state !== "stopped")
    await options.kubeOf("aws-cloud-controller-manager").delete(RESOURCES.nodes, node.spec.name);
  options.log.info("a node left", { node: node.spec.name, instance: node.instanceId, state });
  options.events.record("node-left", node.spec.name, `${node.instanceId} is ${state}`);
}

function nodeSpec({ cloud, fabric, nodesDir, disksDir }: NodesOptions, instance: Instance, facts: LabNodeFacts): NodeSpec {
  if (instance.privateAddress === undefined) throw new Error(`${instance.id} has no address and cannot be a node`);
  return {
    name: facts.name,
    instanceId: instance.id,
    instanceType: instance.type,
    zone: instance.zone,
    region: cloud.region,
    address: formatIpv4(instance.privateAddress),
    maxPods: facts.maxPods,
    vcpus: facts.limits.vcpus ?? UNTOLD_VCPUS,
    memoryMib: facts.limits.memoryMiB ?? UNTOLD_MEMORY_MIB,
    netnsPath: fabric?.namespaceOf(instance.id) ?? "",
    rootDir: join(nodesDir, instance.id),
    disksDir,
    labels: facts.labels,
    taints: facts.taints,
    ...(facts.reserved === undefined ? {} : { reserved: facts.reserved }),
    ...(facts.crashBackOffMaxMs === undefined ? {} : { crashBackOffMaxMs: facts.crashBackOffMaxMs }),
  };
}

/** The metadata service listens where the instance looks for it; without namespaces, on a loopback port of its own. */
async function serveMetadata(
  { cloud, clock, profile, fabric, roleNameOf }: NodesOptions,
  instanceId: InstanceId,
): Promise<{ readonly url: string; readonly service: MetadataService; close(): Promise<void> }> {
  const service = createMetadataService({ cloud, instanceId, clock, lagMs: metadataLagMs(profile), roleNameOf });
  let serving: Serving;
  let url = `http://${formatIpv4(METADATA_ADDRESS)}`;
  if (fabric === undefined) {
    serving = await serve(service.fetch, { kind: "port", host: "127.0.0.1", port: 0 });
    url = `http://127.0.0.1:${serving.port}`;
  } else {
    const fd = listenInNamespace(fabric.namespaceOf(instanceId), METADATA_ADDRESS, METADATA_PORT);
    serving = await serve(service.fetch, { kind: "descriptor", fd });
  }
  return {
    url,
    service,
    close: async () => {
      service.close();
      await serving.close();
    },
  };
}
