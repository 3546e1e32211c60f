import { mkdirSync, writeFileSync } from "node:fs";
import { formatIpv4 } from "@slash28/address";
import type { ClusterFile } from "@slash28/cluster-file";
import { RESOURCES } from "@slash28/kube";
import { listenInNamespace } from "@slash28/linux";
import type { Clock, Log } from "@slash28/ports";
import { createCloud, type Cloud } from "@slash28/vpc";
import { createAwsEndpoint, serve, type AwsEndpoint } from "../aws/index.ts";
import type { LabPaths, LabStatus, NodeEvidence, NodePool, VerifyReport } from "../control/index.ts";
import { createFabric, INTERNET, readTopology, type Fabric } from "../fabric/index.ts";
import { createApiServer, type ApiServer, type ApiServerOptions, type Listening } from "../kubernetes/api-server/index.ts";
import { startControllers } from "../kubernetes/controllers/index.ts";
import { startScheduler } from "../kubernetes/scheduler/index.ts";
import { NO_STATE, type StateStore } from "../state/index.ts";
import { nodePools } from "./agent-pool.ts";
import { createAwsServices } from "./aws-services.ts";
import { nodeEvidence } from "./node-evidence.ts";
import { awsNodeAccess, awsNodeDaemonSet } from "./aws-node.ts";
import { CUSTOM_RESOURCES } from "./custom-resources.ts";
import { createFaults, type Faults } from "./faults.ts";
import { kubeProxyDaemonSet } from "./kube-proxy-object.ts";
import { createKubelets } from "./kubelets.ts";
import type { LabOrder } from "./lab-order.ts";
import { nodeStatuses, subnetStatuses } from "./lab-status.ts";
import { runNodeGroups } from "./node-groups.ts";
import { createNodes, type Nodes } from "./nodes.ts";
import { provisionVpc, type ProvisionedVpc } from "./provision-vpc.ts";
import { Undo } from "./undo.ts";
import { verify } from "./verify.ts";
import { zonesOf } from "./zones.ts";

const ACCOUNT = "123456789012";
const LOOPBACK = "127.0.0.1";
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const READY_POLL_MS = 50;

export interface LabOptions {
  readonly file: ClusterFile;
  readonly order: LabOrder;
  readonly paths: LabPaths;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Where its parts keep what they remember; nowhere when absent. */
  readonly state?: StateStore;
  /** Told what is being done while the lab comes up. */
  readonly onStep: (step: string) => void;
}

/** A running lab. */
export interface Lab {
  status(): Promise<Pick<LabStatus, "endpoints" | "nodes" | "subnets">>;
  verify(): Promise<VerifyReport>;
  /** What each node's agent says of its pool. */
  pools(): Promise<readonly NodePool[]>;
  /** What is known of one node; rejects when there is no such node. */
  evidence(nodeName: string): Promise<NodeEvidence>;
  readonly faults: Faults;
  /** Ends it and takes away what it made; resolves also when parts of it hang. */
  close(): Promise<void>;
}

/** Brings a lab up: the cloud, its wires, its endpoints, the cluster, the nodes. On failure takes back what it did, then rejects. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const undo = new Undo(options.log);
  try {
    return await bringUp(options, undo);
  } catch (cause) {
    await undo.run();
    throw cause;
  }
}

async function bringUp(options: LabOptions, undo: Undo): Promise<Lab> {
  const { file, order, paths, clock, log, onStep, state = NO_STATE } = options;
  onStep("making the VPC");
  const cloud = newCloud(options);
  const network = provisionVpc(cloud, file, clock.now());
  const fabric = order.dataPlane === "kernel" ? createFabric(file.name) : undefined;
  if (fabric !== undefined) undo.add("the fabric", () => fabric.close());
  const carry = (): void => fabric?.carry(readTopology(cloud.view, cloud.view.vpc(network.vpc.id) ?? network.vpc));
  // Filled once the nodes' parts exist; the endpoints below answer before that.
  const late: { nodes?: Nodes } = {};

  onStep("opening the AWS endpoints");
  const afterMutation = (): void => {
    carry();
    // Instances started or ended by a call become nodes or stop being some; whoever called does not wait for that.
    late.nodes?.follow().catch((cause: unknown) => log.error("a node could not be started or ended", { detail: textOf(cause) }));
  };
  const services = createAwsServices({ cloud, clock, log: log.child({ part: "aws" }), state });
  const aws = createAwsEndpoint({
    ...services,
    cloud,
    clock,
    profile: order.ec2Profile,
    seed: order.seed,
    log: log.child({ part: "aws" }),
    afterMutation,
  });
  undo.add("the AWS endpoints", () => aws.close());
  const awsUrl = await serveAws(aws, options, fabric, undo);

  onStep("starting the Kubernetes API");
  const api = await startApi(options, undo, (name) => late.nodes?.find(name)?.kubelet.runtime);
  const listening = await listenApi(api, options, fabric, undo);
  writeFileSync(paths.kubeconfig, api.kubeconfig(listening.url, file.name), { mode: 0o600 });
  startControlPlane(api, options, undo);
  await installCluster(api, options, network, { cloud, awsUrl, apiUrl: listening.url });

  onStep(`starting ${file.nodeGroups.reduce((sum, group) => sum + group.nodes, 0)} nodes`);
  const nodes = nodesOf(api, options, undo, { cloud, fabric });
  late.nodes = nodes;
  runNodeGroups(cloud, file, network, clock.now());
  carry();
  await nodes.follow();

  onStep("waiting for the nodes to be ready");
  const status = async (): ReturnType<Lab["status"]> => ({
    endpoints: { kubernetes: listening.url, aws: awsUrl, kubeconfig: paths.kubeconfig },
    nodes: await nodeStatuses(cloud, api.kube, nodes.all()),
    subnets: subnetStatuses(cloud, network.vpc.id, clock.now()),
  });
  while (!(await status()).nodes.every((node) => node.ready)) await clock.sleep(READY_POLL_MS);
  return {
    status,
    verify: () => verify({ kube: api.kube, clock, nodes: nodes.all(), dataPlane: order.dataPlane }),
    pools: () => nodePools(nodes.all()),
    evidence: (name) => nodeEvidence(nodes, name, { kube: api.kube, dataPlane: order.dataPlane }),
    faults: createFaults(aws, clock),
    close: () => undo.run(),
  };
}

function startControlPlane(api: ApiServer, { clock, random, log }: LabOptions, undo: Undo): void {
  const controllers = startControllers({ kube: api.kube, clock, random, log: log.child({ part: "controllers" }), caPem: api.caPem });
  undo.add("the controllers", () => controllers.stop());
  const scheduler = startScheduler({ kube: api.kube, clock, random, log: log.child({ part: "scheduler" }) });
  undo.add("the scheduler", () => scheduler.stop());
}

function nodesOf(
  api: ApiServer,
  { file, order, paths, clock, random, log }: LabOptions,
  undo: Undo,
  { cloud, fabric }: { readonly cloud: Cloud; readonly fabric: Fabric | undefined },
): Nodes {
  mkdirSync(paths.nodes, { recursive: true });
  const kubelets = createKubelets({ api, clock, random, log: log.child({ part: "kubelet" }), dataPlane: order.dataPlane });
  undo.add("the pods' processes", () => kubelets.close());
  const profile = order.ec2Profile;
  const nodes = createNodes({
    cloud,
    file,
    fabric,
    kube: api.kube,
    clock,
    random,
    log,
    profile,
    nodesDir: paths.nodes,
    newKubelet: kubelets.start,
  });
  undo.add("the nodes", () => nodes.close());
  return nodes;
}

function newCloud({ file, order }: LabOptions): Cloud {
  return createCloud({
    region: file.region,
    accountId: ACCOUNT,
    seed: order.seed,
    zones: zonesOf(file),
    publicPool: INTERNET.publicPool,
    settle: order.ec2Profile === "realistic" ? "by-caller" : "at-once",
    pick: order.ec2Profile === "realistic" ? "scatter" : "lowest",
  });
}

/** On loopback for the operator, and beyond the VPC's gateway for the nodes; a web site stands there too. */
async function serveAws(aws: AwsEndpoint, { order }: LabOptions, fabric: Fabric | undefined, undo: Undo): Promise<string> {
  const outside = await serve(aws.fetch, { kind: "port", host: LOOPBACK, port: order.awsPort }).catch(
    portInUse("--aws-port", order.awsPort),
  );
  undo.add("the AWS endpoint on loopback", () => outside.close());
  if (fabric !== undefined) {
    const inside = await serve(aws.fetch, { kind: "descriptor", fd: listenInNamespace(fabric.internet, INTERNET.aws, HTTP_PORT) });
    undo.add("the AWS endpoint of the nodes", () => inside.close());
    const site = await serve(() => Promise.resolve(new Response("the internet is here\n")), {
      kind: "descriptor",
      fd: listenInNamespace(fabric.internet, INTERNET.site, HTTP_PORT),
    });
    undo.add("the web site", () => site.close());
  }
  return `http://${LOOPBACK}:${outside.port}`;
}

async function startApi({ clock, log, order }: LabOptions, undo: Undo, runtimeFor: ApiServerOptions["runtimeFor"]): Promise<ApiServer> {
  const advertise = order.dataPlane === "kernel" ? { advertise: { address: INTERNET.kubernetes, port: HTTPS_PORT } } : {};
  const api = await createApiServer({
    clock,
    log: log.child({ part: "api" }),
    runtimeFor,
    names: [formatIpv4(INTERNET.kubernetes)],
    ...advertise,
  });
  undo.add("the Kubernetes API", () => api.close());
  return api;
}

async function listenApi(api: ApiServer, { order }: LabOptions, fabric: Fabric | undefined, undo: Undo): Promise<Listening> {
  const outside = await api.listen({ host: LOOPBACK, port: order.apiPort }).catch(portInUse("--api-port", order.apiPort));
  undo.add("the API on loopback", () => outside.close());
  if (fabric !== undefined) {
    const inside = await api.listen({ fd: listenInNamespace(fabric.internet, INTERNET.kubernetes, HTTPS_PORT) });
    undo.add("the API of the nodes", () => inside.close());
  }
  return outside;
}

async function installCluster(
  api: ApiServer,
  { file, order }: LabOptions,
  network: ProvisionedVpc,
  { cloud, awsUrl, apiUrl }: { readonly cloud: Cloud; readonly awsUrl: string; readonly apiUrl: string },
): Promise<void> {
  const isSimulated = order.dataPlane === "simulated";
  const daemonSet = awsNodeDaemonSet({
    clusterName: file.name,
    region: cloud.region,
    vpcId: network.vpc.id,
    clusterEndpoint: isSimulated ? apiUrl : `https://${formatIpv4(INTERNET.kubernetes)}`,
    ec2Endpoint: isSimulated ? awsUrl : `http://${formatIpv4(INTERNET.aws)}`,
    isSimulated,
    env: file.vpcCni.env,
  });
  const daemonSets = [daemonSet, kubeProxyDaemonSet()].map((object) => ({ resource: RESOURCES.daemonSets, object }));
  for (const { resource, object } of [...CUSTOM_RESOURCES, ...awsNodeAccess(), ...daemonSets]) await api.kube.create(resource, object);
}

function portInUse(flag: string, port: number): (cause: unknown) => never {
  return (cause) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EADDRINUSE") throw new Error(`port ${port} on ${LOOPBACK} is in use; choose another with ${flag}, or 0 for any free one`);
    throw cause;
  };
}

export function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
