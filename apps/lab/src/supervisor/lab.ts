import { writeFileSync } from "node:fs";
import type { InstanceId } from "@slash28/address";
import type { ClusterFile } from "@slash28/cluster-file";
import type { ClusterRecord } from "@slash28/eks";
import type { Clock, Kube, Log } from "@slash28/ports";
import type { Cloud, CloudOptions } from "@slash28/vpc";
import { createAwsEndpoint, type AwsEndpoint } from "../aws/index.ts";
import { present } from "../aws/present.ts";
import type { LabEvent, LabPaths, LabStatus, NodeEvidence, NodePool, VerifyReport } from "../control/index.ts";
import { createFabric, INTERNET, readTopology, type Fabric } from "../fabric/index.ts";
import type { KeyPair } from "../kubernetes/api-server/index.ts";
import { KEPT_LAB, NO_STATE, type KeptLab, type StateStore } from "../state/index.ts";
import { nodePools } from "./agent-pool.ts";
import { awsCertificates } from "./aws-certificates.ts";
import { createAwsServices, type AwsServices, type AwsServicesOptions } from "./aws-services.ts";
import { nodeEvidence } from "./node-evidence.ts";
import { openClusterNodes, type NodesHome } from "./cluster-nodes.ts";
import { createEventBook } from "./event-book.ts";
import { textOf } from "./failure-text.ts";
import { startClusterUnit, type ClusterUnit } from "./eks/cluster-unit.ts";
import { clusterPlace, type ClusterPlaceOptions } from "./eks/control-plane-place.ts";
import type { EksSide } from "./eks/eks-side.ts";
import { createHosting, type HostedClusters } from "./eks/hosting.ts";
import { installOwnAddon, registerOwnCluster } from "./eks/own-cluster.ts";
import { EKS_CLIENT } from "./eks/server-side-apply.ts";
import { siteOfCluster } from "./eks/site-of-cluster.ts";
import { startOwnCluster } from "./eks/start-own-cluster.ts";
import { installEniConfigs } from "./eni-configs.ts";
import {
  clusterUnderFault,
  createFaults,
  type ClusterUnderFault,
  removeFaultEnis,
  type Faults,
  type FaultsOptions,
} from "./faults/index.ts";
import { openCloud } from "./kept-cloud.ts";
import type { LabOrder } from "./lab-order.ts";
import { portInUse, serveAws, serveResolver } from "./listen.ts";
import { labClusters, type LabClusters } from "./lab-clusters.ts";
import { areNodesOpen, clusterStatuses, subnetStatuses } from "./lab-status.ts";
import { createOwnGroups } from "./node-groups/index.ts";
import type { Nodes } from "./nodes.ts";
import { nodeSubnets, provisionVpc, type ProvisionedVpc } from "./provision-vpc.ts";
import { installStorageClasses } from "./storage-classes.ts";
import { Undo } from "./undo.ts";
import { verifyCluster } from "./verify.ts";
import { zonesOf } from "./zones.ts";

const ACCOUNT = "123456789012";
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
  status(): Promise<Pick<LabStatus, "endpoints" | "credentials" | "nodes" | "clusters" | "subnets">>;
  /** Of one cluster; of the lab's own when no name is given. Rejects when none of that name runs. */
  verify(cluster?: string): Promise<VerifyReport>;
  /** What each node's agent says of its pool. */
  pools(): Promise<readonly NodePool[]>;
  /** What is known of one node; rejects when there is no such node. */
  evidence(nodeName: string): Promise<NodeEvidence>;
  readonly faults: Faults;
  /** What happened to it, oldest first. */
  events(): readonly LabEvent[];
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
  const cloud = newCloud(options, state);
  const network = keptNetwork(cloud, options, state);
  const { fabric, carry } = openFabric(options, undo, { cloud, network });
  // Filled once the nodes' parts exist; the endpoints below answer before that.
  const late: { nodes?: Nodes; hosting?: HostedClusters } = {};

  onStep("opening the AWS endpoints");
  const afterMutation = (): void => {
    carry();
    // Instances started or ended by a call become nodes or stop being some; whoever called does not wait for that.
    late.nodes?.follow().catch((cause: unknown) => log.error("a node could not be started or ended", { detail: textOf(cause) }));
    late.hosting?.follow();
  };
  const groups = createOwnGroups({ cloud, file, network, clock, log, state });
  const { aws, services } = startAws(options, undo, { cloud, state, nodeGroups: groups, afterMutation });
  const certificate = (): Promise<KeyPair> => awsCertificates({ region: file.region, state, clock, trustFile: paths.trusted });
  const awsUrl = await serveAws(aws, order, { fabric, certificate }, undo);
  await serveResolver({ cloud, vpcId: network.vpc.id, log: log.child({ part: "resolver" }) }, fabric, undo);
  const cluster = registerOwnCluster(services.eks, { name: file.name, network: { ...network, subnets: nodeSubnets(file, network) } });

  onStep("starting the Kubernetes API");
  const where = { fabric, findNode: (name: string) => late.nodes?.find(name) };
  const unit = await startOwnUnit(options, undo, { ...where, side: services.eks, cluster });
  const { api, gateway } = unit;
  const { url: apiUrl } = gateway.outside;
  writeFileSync(paths.kubeconfig, api.kubeconfig(apiUrl, file.name), { mode: 0o600 });
  const home = nodesHome(options, state, { cloud, fabric, roleNameOf: services.identities.roleNameOf });
  const hosting = (late.hosting = createHosting({ ...home, state, vpcId: network.vpc.id, eks: services.eks.eks }));
  const around = { hosting, events: home.events };
  await startOwnCluster(services.eks, { file, order, cloud, cluster, network, unit, awsUrl, clock, undo, ...around });

  // An operator's own choice of classes and ENIConfigs is kept with the state.
  if (!state.isRestored) await installFirstObjects(api.kubeOf(EKS_CLIENT), file, network);

  onStep(`starting ${file.nodeGroups.reduce((sum, group) => sum + group.nodes, 0)} nodes`);
  const nodes = (late.nodes = openClusterNodes({ ...home, cluster, unit, hasDns: file.clusterDns.enabled }, undo));
  if (state.isRestored) removeFaultEnis({ cloud, now: () => clock.now(), changed: carry });
  const ownSite = siteOfCluster(services.eks.eks.state.clusters[file.name] ?? cluster, unit);
  groups.opened({ siteOf: (name) => (name === file.name ? ownSite : hosting.siteOf(name)), account: services.identities.account });
  await groups.start({ nodes: [nodes, hosting], changed: afterMutation, events: home.events }, undo);
  await nodes.follow();
  const endpoints = { kubernetes: apiUrl, aws: awsUrl, kubeconfig: paths.kubeconfig };
  const clusters = labClusters({ own: { name: file.name, unit, nodes }, others: () => hosting.running(), eks: services.eks.eks });
  return finish(options, undo, { cloud, network, services, state, home, endpoints, clusters, nodes, afterMutation });
}

interface LabParts extends Pick<AwsServicesOptions, "cloud" | "state" | "afterMutation"> {
  readonly network: ProvisionedVpc;
  readonly services: AwsServices;
  readonly home: NodesHome;
  readonly endpoints: LabStatus["endpoints"];
  readonly clusters: LabClusters;
  /** Of the lab's own cluster. */
  readonly nodes: Nodes;
}

/** Waits until the lab's own nodes are ready: from then on it is a lab, and a whole one where it is kept. */
async function finish(options: LabOptions, undo: Undo, parts: LabParts): Promise<Lab> {
  const { file, order, clock, onStep } = options;
  const { cloud, network, services, state, home, endpoints, clusters, nodes, afterMutation } = parts;
  onStep("waiting for the nodes to be ready");
  const status = async (): ReturnType<Lab["status"]> => ({
    endpoints,
    ...present({ credentials: services.credentials() }),
    ...(await clusterStatuses(cloud, services.eks.eks.state, clusters)),
    subnets: subnetStatuses(cloud, network.vpc.id, clock.now()),
  });
  const { kube } = clusters.named(undefined).unit.api;
  while (!(await status()).nodes.every((node) => node.ready) || !(await areNodesOpen(kube))) await clock.sleep(READY_POLL_MS);
  if (file.clusterDns.enabled) installOwnAddon(services.eks, file.name, "coredns");
  state.markComplete();
  home.events.record("lab-up", file.name, `${nodes.all().length} nodes, ${order.dataPlane} data plane`);
  const clusterOf = (name: string | undefined): ClusterUnderFault => clusterUnderFault(clusters.named(name));
  const faults = faultsOf(options, undo, { ...home, gate: services.gate, clusterOf, changed: afterMutation });
  return {
    status,
    verify: (name) => verifyCluster(clusters, name, { clock, dataPlane: order.dataPlane }),
    pools: () => nodePools(nodes.all()),
    evidence: (name) => nodeEvidence(nodes, name, { kube, dataPlane: order.dataPlane }),
    faults,
    events: () => home.events.all(),
    close: () => undo.run(),
  };
}

/** What a new cluster has beside its add-ons. */
async function installFirstObjects(kube: Kube, file: ClusterFile, network: ProvisionedVpc): Promise<void> {
  await installStorageClasses(kube);
  await installEniConfigs(kube, file, network);
}

/** What all nodes of the lab share, of whichever cluster. */
function nodesHome(
  { order, paths, clock, random, log }: LabOptions,
  state: StateStore,
  parts: Pick<NodesHome, "cloud" | "fabric" | "roleNameOf">,
): NodesHome {
  const events = createEventBook(clock, state.log("events"));
  return { ...parts, clock, random, log, events, order, disks: state.disks ?? paths.nodes, trustFile: paths.trusted };
}

/** The VPC's network on this machine, where there is one, and what makes it follow the cloud. */
function openFabric(
  { file, order }: LabOptions,
  undo: Undo,
  { cloud, network }: { readonly cloud: Cloud; readonly network: ProvisionedVpc },
): { readonly fabric: Fabric | undefined; readonly carry: () => void } {
  if (order.dataPlane !== "kernel") return { fabric: undefined, carry: () => undefined };
  const fabric = createFabric(file.name);
  undo.add("the fabric", () => fabric.close());
  return { fabric, carry: () => fabric.carry(readTopology(cloud.view, cloud.view.vpc(network.vpc.id) ?? network.vpc)) };
}

function startAws(
  { clock, random, log, order }: LabOptions,
  undo: Undo,
  parts: Pick<AwsServicesOptions, "cloud" | "state" | "nodeGroups" | "afterMutation">,
): { readonly aws: AwsEndpoint; readonly services: AwsServices } {
  const common = { ...parts, clock, random, log: log.child({ part: "aws" }), iam: order.iam };
  const services = createAwsServices(common);
  const aws = createAwsEndpoint({ ...services, ...common, profile: order.ec2Profile, seed: order.seed });
  undo.add("the AWS endpoints", () => {
    services.close();
    aws.close();
  });
  return { aws, services };
}

type FaultParts = Pick<FaultsOptions, "cloud" | "gate" | "clusterOf" | "events" | "changed"> & { readonly fabric: Fabric | undefined };

function faultsOf({ clock, log }: LabOptions, undo: Undo, { fabric, ...parts }: FaultParts): Faults {
  const cutInstances = fabric === undefined ? undefined : (instances: ReadonlySet<InstanceId>): void => fabric.cutOff(instances);
  const faults = createFaults({ ...parts, clock, log, cutInstances });
  undo.add("the faults", () => faults.close());
  return faults;
}

/** The control plane of the lab's own cluster, at the port that the operator chose. */
async function startOwnUnit(
  { file, order, clock, random, log, state = NO_STATE }: LabOptions,
  undo: Undo,
  parts: Pick<ClusterPlaceOptions, "fabric" | "findNode"> & { readonly side: EksSide; readonly cluster: ClusterRecord },
): Promise<ClusterUnit> {
  const { fabric, findNode, side, cluster } = parts;
  const place = clusterPlace({ fabric, findNode, address: INTERNET.kubernetes, port: order.apiPort, mayMove: false });
  const unit = await startClusterUnit(cluster, {
    eks: side.eks,
    callers: side.callers,
    place,
    objects: state.log(`cluster-${file.name}`),
    keys: state.document("kubernetes-keys"),
    clock,
    random,
    log,
  }).catch(portInUse("--api-port", order.apiPort));
  undo.add("the control plane", () => unit.close());
  return unit;
}

/** Of the VPC its id is enough: the cloud knows the rest as it is now, and JSON has no form of IPv6 numbers. */
type KeptNetwork = Omit<ProvisionedVpc, "vpc"> & { readonly vpc: Pick<ProvisionedVpc["vpc"], "id"> };

/** The network made for the file, or the one kept. */
function keptNetwork(cloud: Cloud, { file, order, clock }: LabOptions, state: StateStore): ProvisionedVpc {
  const kept = state.document<KeptNetwork>("network");
  const vpc = kept.saved === undefined ? undefined : cloud.view.vpc(kept.saved.vpc.id);
  const network = kept.saved === undefined || vpc === undefined ? provisionVpc(cloud, file, clock.now()) : { ...kept.saved, vpc };
  kept.keep({ ...network, vpc: { id: network.vpc.id } });
  const { seed, ec2Profile, dataPlane } = order;
  state.document<KeptLab>(KEPT_LAB).keep({ file, seed, ec2Profile, dataPlane });
  return network;
}

function newCloud({ file, order }: LabOptions, state: StateStore): Cloud {
  const options: CloudOptions = {
    region: file.region,
    accountId: ACCOUNT,
    seed: order.seed,
    zones: zonesOf(file),
    publicPool: INTERNET.publicPool,
    quotas: { enis: file.quotas.networkInterfaces },
    settle: order.ec2Profile === "realistic" ? "by-caller" : "at-once",
    pick: order.ec2Profile === "realistic" ? "scatter" : "lowest",
  };
  return openCloud(options, state.log("cloud"));
}
