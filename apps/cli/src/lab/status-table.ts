import type { ClusterStatus, LabStatus, NodeStatus, SubnetStatus } from "@slash28/lab";
import { keysOf } from "./lab-env.ts";
import { CommandError, renderTable, type Column } from "../output/index.ts";

const NODE_COLUMNS: readonly Column<NodeStatus>[] = [
  { head: "node", cell: (node) => node.name },
  { head: "instance", cell: (node) => node.instanceId },
  { head: "type", cell: (node) => node.instanceType },
  { head: "zone", cell: (node) => node.zone },
  { head: "address", cell: (node) => node.address },
  { head: "state", cell: (node) => (node.ready ? "Ready" : "NotReady") },
  { head: "enis", cell: (node) => node.enis, align: "right" },
  { head: "held", cell: (node) => node.addresses.held, align: "right" },
  { head: "assigned", cell: (node) => node.addresses.assigned, align: "right" },
  { head: "cooling", cell: (node) => node.addresses.cooling, align: "right" },
  { head: "pods", cell: (node) => `${node.pods}/${node.maxPods}`, align: "right" },
];

const SUBNET_COLUMNS: readonly Column<SubnetStatus>[] = [
  { head: "subnet", cell: (subnet) => subnet.id },
  { head: "cidr", cell: (subnet) => subnet.cidr },
  { head: "zone", cell: (subnet) => subnet.zone },
  { head: "free", cell: (subnet) => subnet.free, align: "right" },
];

/** A lab's state as a person reads it: its clusters where there are several, nodes with their addresses, subnets with what is left. */
export function statusTable(status: LabStatus): string {
  const head = `${status.name} in ${status.region}: ${status.state}${status.step === undefined ? "" : ` (${status.step})`}`;
  const plane = status.dataPlane === "simulated" ? "; data plane simulated, no packet moves" : "";
  const kept = status.stateDir === undefined ? "" : `; kept in ${status.stateDir}`;
  return [`${head}${plane}${kept}`, "", nodeTable(status), "", renderTable(SUBNET_COLUMNS, status.subnets)].join("\n");
}

const CLUSTER_COLUMNS: readonly Column<ClusterStatus>[] = [
  { head: "cluster", cell: (cluster) => cluster.name },
  { head: "state", cell: (cluster) => cluster.status },
  { head: "kubernetes", cell: (cluster) => cluster.version },
  { head: "nodes", cell: (cluster) => cluster.nodes.length, align: "right" },
  { head: "endpoint", cell: (cluster) => cluster.endpoint },
];

/** The state with one of its clusters alone; as it is when no name is given. */
export function ofCluster(status: LabStatus, name: string | undefined): LabStatus {
  if (name === undefined) return status;
  const found = status.clusters.find((cluster) => cluster.name === name);
  if (found !== undefined) return { ...status, clusters: [found], nodes: found.nodes };
  const names = status.clusters.map((cluster) => cluster.name).join(", ") || "none yet";
  throw new CommandError(`there is no cluster ${name}; there is ${names}`);
}

/** The nodes of each cluster; whose they are is told only where there are several. */
function nodeTable({ clusters, nodes }: LabStatus): string {
  if (clusters.length < 2) return renderTable(NODE_COLUMNS, nodes);
  const rows = clusters.flatMap((cluster) => cluster.nodes.map((node) => ({ ...node, cluster: cluster.name })));
  const columns: readonly Column<NodeStatus & { readonly cluster: string }>[] = [
    { head: "cluster", cell: (row) => row.cluster },
    ...NODE_COLUMNS,
  ];
  return `${renderTable(CLUSTER_COLUMNS, clusters)}\n\n${renderTable(columns, rows)}`;
}

/** The two lines that point kubectl and aws at the lab. */
export function pointers(status: LabStatus): string {
  const keys = Object.entries(keysOf(status))
    .map(([name, value]) => ` ${name}=${value}`)
    .join("");
  return [
    `  kubectl:  export KUBECONFIG=${status.endpoints.kubeconfig}`,
    `  aws:      export AWS_ENDPOINT_URL=${status.endpoints.aws} AWS_REGION=${status.region}${keys}`,
  ].join("\n");
}
