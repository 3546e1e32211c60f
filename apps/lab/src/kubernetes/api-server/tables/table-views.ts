import { claimTable, storageClassTable, volumeTable } from "./storage-tables.ts";
import type { ResourceDefinition } from "../resources/resource-definition.ts";
import { customTable } from "./custom-table.ts";
import { eventTable } from "./event-table.ts";
import { endpointSliceTable, endpointsTable, ingressClassTable, ingressTable, networkPolicyTable, serviceTable } from "./network-tables.ts";
import { nodeTable } from "./node-table.ts";
import {
  budgetTable,
  configMapTable,
  createdTable,
  leaseTable,
  namespaceTable,
  plainTable,
  priorityClassTable,
  roleBindingTable,
  scaleTable,
  secretTable,
  signingRequestTable,
  serviceAccountTable,
} from "./other-tables.ts";
import { podTable } from "./pod-table.ts";
import type { TableView } from "./table.ts";
import {
  controllerRevisionTable,
  cronJobTable,
  daemonSetTable,
  deploymentTable,
  jobTable,
  replicaSetTable,
  statefulSetTable,
} from "./workload-tables.ts";

const VIEWS: Readonly<Record<string, TableView>> = {
  pods: podTable,
  nodes: nodeTable,
  services: serviceTable,
  endpoints: endpointsTable,
  events: eventTable,
  namespaces: namespaceTable,
  configmaps: configMapTable,
  secrets: secretTable,
  "certificatesigningrequests.certificates.k8s.io": signingRequestTable,
  serviceaccounts: serviceAccountTable,
  "deployments.apps": deploymentTable,
  "replicasets.apps": replicaSetTable,
  "daemonsets.apps": daemonSetTable,
  "statefulsets.apps": statefulSetTable,
  "controllerrevisions.apps": controllerRevisionTable,
  "jobs.batch": jobTable,
  "cronjobs.batch": cronJobTable,
  "scales.autoscaling": scaleTable,
  "leases.coordination.k8s.io": leaseTable,
  "endpointslices.discovery.k8s.io": endpointSliceTable,
  "ingresses.networking.k8s.io": ingressTable,
  "ingressclasses.networking.k8s.io": ingressClassTable,
  "networkpolicies.networking.k8s.io": networkPolicyTable,
  "poddisruptionbudgets.policy": budgetTable,
  "roles.rbac.authorization.k8s.io": createdTable,
  "clusterroles.rbac.authorization.k8s.io": createdTable,
  "rolebindings.rbac.authorization.k8s.io": roleBindingTable,
  "clusterrolebindings.rbac.authorization.k8s.io": roleBindingTable,
  persistentvolumeclaims: claimTable,
  persistentvolumes: volumeTable,
  "storageclasses.storage.k8s.io": storageClassTable,
  "priorityclasses.scheduling.k8s.io": priorityClassTable,
  "customresourcedefinitions.apiextensions.k8s.io": createdTable,
};

/** How objects of this type are shown as a table. */
export function tableViewOf(definition: ResourceDefinition): TableView {
  return definition.custom === undefined ? (VIEWS[definition.storage] ?? plainTable) : customTable(definition);
}
