export type { ImageRule } from "./image-table.ts";
export {
  DEFAULT_TUNING,
  type ClusterAccess,
  type DataPlane,
  type Kubelet,
  type KubeletOptions,
  type KubeletTuning,
  type NativePrograms,
  type NodeSpec,
  type TokenRequest,
} from "./kubelet-options.ts";
export type { Pod, PodStatus } from "./pod.ts";
export type { PodEvent, PodSource } from "./pod-source.ts";
export type { HostProcess, ProcessExit, ProcessHost, ProcessRequest } from "./process-host.ts";
export { createNodeHost } from "./node-host.ts";
export { createPodSource, type PodSourceOptions } from "./pod-source.ts";
export { createDataWatch, type DataWatch } from "./data-watch.ts";
export { createServiceWatch, type ServiceWatch } from "./service-watch.ts";
export { podsOver } from "./pods-over-connection.ts";
export { createSpawnHost } from "./spawn-host.ts";
export { wellKnownImages } from "./image-table.ts";
export { createKubelet } from "./kubelet.ts";
