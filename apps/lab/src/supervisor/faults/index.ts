import type { Gate } from "../../aws/index.ts";
import type { FaultOrder } from "../../control/index.ts";
import { beginAwsFault } from "./aws-faults.ts";
import type { LabCluster } from "../lab-clusters.ts";
import { deleteEni, type DeleteEniOptions } from "./delete-eni.ts";
import { createFaultBook, type Begin, type Begun, type FaultBookOptions, type Faults } from "./fault-book.ts";
import { createNodeCutter, staleMetadata, stopNode, type NodeFaultOptions, type NodesUnderFault } from "./node-faults.ts";
import { fillSubnet, fragmentSubnet } from "./subnet-faults.ts";

export type { Faults } from "./fault-book.ts";
export { removeFaultEnis } from "./subnet-faults.ts";

export interface FaultsOptions extends Omit<FaultBookOptions, "begin">, DeleteEniOptions, Omit<NodeFaultOptions, "clock"> {
  readonly gate: Gate;
  /** A cluster that runs; the lab's own when no name is given. Throws when there is none of that name. */
  readonly clusterOf: (name: string | undefined) => ClusterUnderFault;
}

/** What a fault can do to a cluster. */
export interface ClusterUnderFault extends NodesUnderFault {
  /** Takes its API down, and brings it back. */
  readonly api: { down(): Promise<void>; up(): Promise<void> };
}

export function clusterUnderFault({ name, nodes, unit }: LabCluster): ClusterUnderFault {
  return { name, nodes: nodes.all(), api: unit.gateway };
}

/** The bad days an operator can order of a running lab. */
export function createFaults(options: FaultsOptions): Faults {
  const cut = createNodeCutter(options);
  const subnets = { cloud: options.cloud, now: () => options.clock.now(), changed: options.changed };
  const begin: Begin = (order: FaultOrder, id: string): Promise<Begun> | Begun => {
    switch (order.kind) {
      case "throttle":
      case "latency":
      case "fail":
      case "deny-permission":
        return beginAwsFault(options.gate, order);
      case "stale-imds":
        return staleMetadata(options.clusterOf(order.cluster), order.node);
      case "fill-subnet":
        return fillSubnet(subnets, id, order.subnet, order.leave);
      case "fragment-subnet":
        return fragmentSubnet(subnets, id, order.subnet);
      case "delete-eni":
        return deleteEni(options, order.eni);
      case "cut-node":
        return cut(options.clusterOf(order.cluster), order.node);
      case "stop-node":
        return stopNode(options, options.clusterOf(order.cluster), order.node);
      case "api-server-down":
        return apiDown(options.clusterOf(order.cluster));
      default:
        return order satisfies never;
    }
  };
  return createFaultBook({ ...options, begin });
}

async function apiDown({ name, api }: ClusterUnderFault): Promise<Begun> {
  await api.down();
  return { detail: `the Kubernetes API of ${name} accepts no connection`, end: () => api.up() };
}
