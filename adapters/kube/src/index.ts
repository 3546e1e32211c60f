export type { KubeConnection, KubeCredentials } from "./connection.ts";
export { createKube, type KubeClient } from "./kube-client.ts";
export { kubeFromCluster, SERVICE_ACCOUNT_DIR, type InCluster } from "./in-cluster.ts";
export { kubeFromKubeconfig, connectionFromKubeconfig, type CredentialPlugin, type KubeconfigOptions } from "./kubeconfig.ts";
export { RESOURCES } from "./resources.ts";
export { resourcePath } from "./resource-path.ts";
export { isAlreadyExists, isConflict, isGone, isNoLongerThere, isNotFound, refusedStatus } from "./refusal.ts";
export { createInformer, type Informer, type InformerOptions } from "./informer.ts";
export { ObjectStore, keyOf, objectKey, splitKey, type IndexKeys, type ObjectChange } from "./object-store.ts";
export { createWorkQueue, type WorkQueue, type WorkQueueOptions } from "./work-queue.ts";
export { backOffMs, type BackOff } from "./back-off.ts";
export {
  createEventRecorder,
  recordEvent,
  type EventRecorder,
  type EventRecorderOptions,
  type EventReport,
  type EventSource,
  type KubeEvent,
} from "./event-recorder.ts";
