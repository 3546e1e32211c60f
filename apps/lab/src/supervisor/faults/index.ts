import type { Gate } from "../../aws/index.ts";
import type { FaultOrder } from "../../control/index.ts";
import { beginAwsFault } from "./aws-faults.ts";
import { deleteEni, type DeleteEniOptions } from "./delete-eni.ts";
import { createFaultBook, type Begin, type Begun, type FaultBookOptions, type Faults } from "./fault-book.ts";
import { createNodeCutter, staleMetadata, stopNode, type NodeFaultOptions } from "./node-faults.ts";
import { fillSubnet, fragmentSubnet } from "./subnet-faults.ts";

export type { Faults } from "./fault-book.ts";
export { removeFaultEnis } from "./subnet-faults.ts";

export interface FaultsOptions extends Omit<FaultBookOptions, "begin">, DeleteEniOptions, Omit<NodeFaultOptions, "clock"> {
  readonly gate: Gate;
  /** Takes the cluster's API down, and brings it back. */
  readonly api: { down(): Promise<void>; up(): Promise<void> };
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
        return staleMetadata(options, order.node);
      case "fill-subnet":
        return fillSubnet(subnets, id, order.subnet, order.leave);
      case "fragment-subnet":
        return fragmentSubnet(subnets, id, order.subnet);
      case "delete-eni":
        return deleteEni(options, order.eni);
      case "cut-node":
        return cut(order.node);
      case "stop-node":
        return stopNode(options, order.node);
      case "api-server-down":
        return options.api.down().then(() => ({ detail: "the Kubernetes API accepts no connection", end: () => options.api.up() }));
      default:
        return order satisfies never;
    }
  };
  return createFaultBook({ ...options, begin });
}
