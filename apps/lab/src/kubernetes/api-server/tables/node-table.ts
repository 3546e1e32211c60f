import { at, fieldsOf, listOf, textOf, type KubeObject } from "@slash28/kube-store";

import { ageOf, NONE, UNKNOWN } from "./cell-text.ts";
import { column, wide, type TableView } from "./table.ts";

const ROLE = "node-role.kubernetes.io/";

export const nodeTable: TableView = {
  columns: [
    column("Name", "Name must be unique within a namespace."),
    column("Status", "The status of the node"),
    column("Roles", "The roles of the node"),
    column("Age", "Time since the node was created."),
    column("Version", "Kubelet Version reported by the node."),
    wide("Internal-IP", "The node's address in the VPC."),
    wide("External-IP", "The node's public address."),
    wide("OS-Image", "OS Image reported by the node."),
    wide("Kernel-Version", "Kernel Version reported by the node."),
    wide("Container-Runtime", "ContainerRuntime Version reported by the node."),
  ],
  cells: (node, now) => {
    const info = (name: string): string => textOf(at(node, "status", "nodeInfo", name)) || UNKNOWN;
    return [
      node.metadata.name,
      statusOf(node),
      rolesOf(node),
      ageOf(node, now),
      textOf(at(node, "status", "nodeInfo", "kubeletVersion")) ?? "",
      addressOf(node, "InternalIP"),
      addressOf(node, "ExternalIP"),
      info("osImage"),
      info("kernelVersion"),
      info("containerRuntimeVersion"),
    ];
  },
};

function statusOf(node: KubeObject): string {
  const ready = listOf(at(node, "status", "conditions")).find((condition) => at(condition, "type") === "Ready");
  const state = ready === undefined ? "Unknown" : at(ready, "status") === "True" ? "Ready" : "NotReady";
  return at(node, "spec", "unschedulable") === true ? `${state},SchedulingDisabled` : state;
}

function rolesOf(node: KubeObject): string {
  const labels = fieldsOf(node.metadata.labels);
  const roles = Object.keys(labels)
    .filter((key) => key.startsWith(ROLE) && key.length > ROLE.length)
    .map((key) => key.slice(ROLE.length));
  const legacy = textOf(labels["kubernetes.io/role"]);
  if (legacy !== undefined && legacy !== "") roles.push(legacy);
  return roles.length === 0 ? NONE : [...new Set(roles)].sort().join(",");
}

function addressOf(node: KubeObject, type: string): string {
  const address = listOf(at(node, "status", "addresses")).find((one) => at(one, "type") === type);
  return textOf(at(address, "address")) ?? NONE;
}
