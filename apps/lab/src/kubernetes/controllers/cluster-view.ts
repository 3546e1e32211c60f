import { RESOURCES, createInformer } from "@slash28/kube";
import type { Informer, InformerOptions } from "@slash28/kube";
import type { Clock, Kube, KubeObject, KubeResource, Log } from "@slash28/ports";
import { controllerOf } from "./objects/index.ts";
import type {
  Claim,
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  DisruptionBudget,
  Endpoints,
  EndpointSlice,
  Job,
  Lease,
  Node,
  PersistentVolume,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
  StorageClass,
} from "./objects/index.ts";

/** What every controller needs from outside. */
export interface ControllerPorts {
  readonly kube: Kube;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** Live copies of what the controllers look at, shared by all of them. */
export interface ClusterView {
  readonly nodes: Informer<Node>;
  /** Indexes: `owner` (uid of the controller), `node` (name), `namespace`. */
  readonly pods: Informer<Pod>;
  readonly deployments: Informer<Deployment>;
  /** Index: `owner`. */
  readonly replicaSets: Informer<ReplicaSet>;
  readonly daemonSets: Informer<DaemonSet>;
  /** Index: `owner`. */
  readonly revisions: Informer<ControllerRevision>;
  readonly services: Informer<Service>;
  /** Index: `owner`. */
  readonly endpointSlices: Informer<EndpointSlice>;
  readonly endpoints: Informer<Endpoints>;
  readonly namespaces: Informer<KubeObject>;
  readonly configMaps: Informer<KubeObject>;
  readonly serviceAccounts: Informer<KubeObject>;
  readonly leases: Informer<Lease>;
  /** Index: `owner`. */
  readonly statefulSets: Informer<StatefulSet>;
  /** Index: `namespace`. */
  readonly budgets: Informer<DisruptionBudget>;
  readonly claims: Informer<Claim>;
  readonly persistentVolumes: Informer<PersistentVolume>;
  readonly storageClasses: Informer<StorageClass>;
  /** Index: `owner`. */
  readonly jobs: Informer<Job>;
  readonly cronJobs: Informer<CronJob>;
  /** The kinds that say how many pods they want. */
  readonly sized: readonly Informer<KubeObject>[];
  readonly synced: Promise<void>;
  stop(): Promise<void>;
}

export function createClusterView(ports: ControllerPorts): ClusterView {
  const all: Informer<KubeObject>[] = [];
  const follow = <T extends KubeObject>(resource: KubeResource, indexes: InformerOptions<T>["indexes"] = {}): Informer<T> => {
    const informer = createInformer<T>(ports.kube, resource, { ...ports, indexes });
    all.push(informer);
    return informer;
  };
  const views = {
    nodes: follow<Node>(RESOURCES.nodes),
    pods: follow<Pod>(RESOURCES.pods, {
      owner: ownerUid,
      node: (pod) => (pod.spec.nodeName === undefined ? [] : [pod.spec.nodeName]),
      namespace: (pod) => [pod.metadata.namespace ?? ""],
    }),
    deployments: follow<Deployment>(RESOURCES.deployments),
    replicaSets: follow<ReplicaSet>(RESOURCES.replicaSets, { owner: ownerUid }),
    daemonSets: follow<DaemonSet>(RESOURCES.daemonSets),
    revisions: follow<ControllerRevision>(RESOURCES.controllerRevisions, { owner: ownerUid }),
    services: follow<Service>(RESOURCES.services),
    endpointSlices: follow<EndpointSlice>(RESOURCES.endpointSlices, { owner: ownerUid }),
    endpoints: follow<Endpoints>(RESOURCES.endpoints),
    namespaces: follow<KubeObject>(RESOURCES.namespaces),
    configMaps: follow<KubeObject>(RESOURCES.configMaps),
    serviceAccounts: follow<KubeObject>(RESOURCES.serviceAccounts),
    leases: follow<Lease>(RESOURCES.leases),
    statefulSets: follow<StatefulSet>(RESOURCES.statefulSets, { owner: ownerUid }),
    claims: follow<Claim>(RESOURCES.claims),
    persistentVolumes: follow<PersistentVolume>(RESOURCES.persistentVolumes),
    storageClasses: follow<StorageClass>(RESOURCES.storageClasses),
    jobs: follow<Job>(RESOURCES.jobs, { owner: ownerUid }),
    cronJobs: follow<CronJob>(RESOURCES.cronJobs),
    budgets: follow<DisruptionBudget>(RESOURCES.disruptionBudgets, { namespace: (budget) => [budget.metadata.namespace ?? ""] }),
  };
  return {
    ...views,
    sized: [views.deployments, views.replicaSets, views.statefulSets],
    synced: Promise.all(all.map((informer) => informer.synced)).then(() => undefined),
    stop: async () => void (await Promise.all(all.map((informer) => informer.stop()))),
  };
}

function ownerUid(object: KubeObject): readonly string[] {
  const owner = controllerOf(object);
  return owner === undefined ? [] : [owner.uid];
}
