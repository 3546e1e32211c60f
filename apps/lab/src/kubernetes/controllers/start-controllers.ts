import { RESOURCES, createInformer } from "@slash28/kube";
import type { Informer } from "@slash28/kube";
import type { KubeObject, KubeResource } from "@slash28/ports";
import { createClusterView } from "./cluster-view.ts";
import type { ClusterView, ControllerPorts } from "./cluster-view.ts";
import type { Controller } from "./controller.ts";
import { startCronJobController } from "./cron-job/cron-job-controller.ts";
import { startDaemonSetController } from "./daemon-set/daemon-set-controller.ts";
import { startDeploymentController } from "./deployment/deployment-controller.ts";
import { startDisruptionController } from "./disruption/disruption-controller.ts";
import { startEndpointsController } from "./endpoints/endpoints-controller.ts";
import { startMirroringController } from "./endpoints/mirroring-controller.ts";
import { startGarbageCollector } from "./garbage/garbage-collector.ts";
import type { FollowedKind } from "./garbage/garbage-collector.ts";
import { startStrandedPodCollector } from "./garbage/stranded-pods.ts";
import { startJobController } from "./job/job-controller.ts";
import { startNamespaceController } from "./namespaces/namespace-controller.ts";
import { startNodeLifecycleController } from "./node-lifecycle/node-lifecycle-controller.ts";
import { startReplicaSetController } from "./replica-set/replica-set-controller.ts";
import { startStatefulSetController } from "./stateful-set/stateful-set-controller.ts";
import { startVolumeController } from "./volumes/volume-controller.ts";
import { startTaintEvictionController } from "./taint-eviction/taint-eviction-controller.ts";

export interface ControllersOptions extends ControllerPorts {
  /** The cluster's CA, put into the ConfigMap `kube-root-ca.crt` of every namespace; absent: none is made. */
  readonly caPem?: string;
}

export interface Controllers {
  /** Resolves once every controller has seen the whole cluster and works on it. */
  readonly synced: Promise<void>;
  /** Resolves when nothing of them runs any more. */
  stop(): Promise<void>;
}

/** Everything a cluster's controller manager does here: workloads, endpoints, namespaces, nodes, garbage. */
export function startControllers(options: ControllersOptions): Controllers {
  const view = createClusterView(options);
  const secrets = createInformer<KubeObject>(options.kube, RESOURCES.secrets, options);
  const kinds = followedKinds(view, secrets);
  let controllers: readonly Controller[] = [];
  let isStopped = false;
  const start = async (): Promise<void> => {
    // Deciding on half a view would create what exists and delete what has an owner.
    await Promise.all([view.synced, secrets.synced]);
    if (isStopped) return;
    controllers = [
      startNamespaceController(options, view, options.caPem),
      startDeploymentController(options, view),
      startReplicaSetController(options, view),
      startDaemonSetController(options, view),
      startStatefulSetController(options, view),
      startJobController(options, view),
      startCronJobController(options, view),
      ...startVolumeController(options, view),
      startEndpointsController(options, view),
      startMirroringController(options, view),
      startNodeLifecycleController(options, view),
      startDisruptionController(options, view),
      startTaintEvictionController(options, view),
      startGarbageCollector(options, kinds),
      startStrandedPodCollector(options, view),
    ];
  };
  const synced = start();
  return {
    synced,
    async stop() {
      isStopped = true;
      await Promise.all([view.stop(), secrets.stop(), ...controllers.map((controller) => controller.stop())]);
    },
  };
}

function followedKinds(view: ClusterView, secrets: Informer<KubeObject>): readonly FollowedKind[] {
  const namespaced = (kind: string, resource: KubeResource, informer: Informer<KubeObject>): FollowedKind => ({
    kind,
    resource,
    isNamespaced: true,
    informer,
  });
  return [
    { kind: "Node", resource: RESOURCES.nodes, isNamespaced: false, informer: view.nodes },
    namespaced("Deployment", RESOURCES.deployments, view.deployments),
    namespaced("ReplicaSet", RESOURCES.replicaSets, view.replicaSets),
    namespaced("DaemonSet", RESOURCES.daemonSets, view.daemonSets),
    namespaced("StatefulSet", RESOURCES.statefulSets, view.statefulSets),
    namespaced("Job", RESOURCES.jobs, view.jobs),
    namespaced("CronJob", RESOURCES.cronJobs, view.cronJobs),
    namespaced("PersistentVolumeClaim", RESOURCES.claims, view.claims),
    namespaced("PodDisruptionBudget", RESOURCES.disruptionBudgets, view.budgets),
    namespaced("ControllerRevision", RESOURCES.controllerRevisions, view.revisions),
    namespaced("Pod", RESOURCES.pods, view.pods),
    namespaced("Service", RESOURCES.services, view.services),
    namespaced("EndpointSlice", RESOURCES.endpointSlices, view.endpointSlices),
    namespaced("Endpoints", RESOURCES.endpoints, view.endpoints),
    namespaced("ConfigMap", RESOURCES.configMaps, view.configMaps),
    namespaced("Secret", RESOURCES.secrets, secrets),
    namespaced("ServiceAccount", RESOURCES.serviceAccounts, view.serviceAccounts),
    namespaced("Lease", RESOURCES.leases, view.leases),
  ];
}
