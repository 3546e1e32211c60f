import type { KubeResource } from "@slash28/ports";

const core = (plural: string): KubeResource => ({ group: "", version: "v1", plural });
const batch = (plural: string): KubeResource => ({ group: "batch", version: "v1", plural });
const apps = (plural: string): KubeResource => ({ group: "apps", version: "v1", plural });

/** The built-in resources this project speaks of. */
export const RESOURCES = {
  bindings: core("bindings"),
  configMaps: core("configmaps"),
  endpoints: core("endpoints"),
  events: core("events"),
  namespaces: core("namespaces"),
  nodes: core("nodes"),
  pods: core("pods"),
  secrets: core("secrets"),
  serviceAccounts: core("serviceaccounts"),
  services: core("services"),
  controllerRevisions: apps("controllerrevisions"),
  daemonSets: apps("daemonsets"),
  deployments: apps("deployments"),
  replicaSets: apps("replicasets"),
  statefulSets: apps("statefulsets"),
  endpointSlices: { group: "discovery.k8s.io", version: "v1", plural: "endpointslices" },
  cronJobs: batch("cronjobs"),
  jobs: batch("jobs"),
  disruptionBudgets: { group: "policy", version: "v1", plural: "poddisruptionbudgets" },
  evictions: core("pods/eviction"),
  claims: core("persistentvolumeclaims"),
  persistentVolumes: core("persistentvolumes"),
  storageClasses: { group: "storage.k8s.io", version: "v1", plural: "storageclasses" },
  leases: { group: "coordination.k8s.io", version: "v1", plural: "leases" },
} as const satisfies Record<string, KubeResource>;
