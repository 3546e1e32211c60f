import type { InstanceId } from "@slash28/address";
import type { Clock } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { must } from "../must.ts";
import type { Begun } from "./fault-book.ts";

/** What a fault can do to a node. */
export interface NodeUnderFault {
  readonly instanceId: InstanceId;
  readonly spec: { readonly name: string };
  /** Its kubelet's way to the API. */
  readonly connection: { cut(): void; mend(): void };
  readonly metadata: { freeze(): void; thaw(): void };
}

/** A cluster's nodes. */
export interface NodesUnderFault {
  readonly name: string;
  readonly nodes: readonly NodeUnderFault[];
}

export interface NodeFaultOptions {
  readonly cloud: Cloud;
  readonly clock: Pick<Clock, "now">;
  /** Drops every packet of these instances; absent in the simulated data plane. */
  readonly cutInstances: ((instances: ReadonlySet<InstanceId>) => void) | undefined;
  /** Told after each change of the cloud. */
  readonly changed: () => void;
}

/** Cuts a node off: its packets are dropped, and its kubelet reaches no API; pods there go on, as on a real partition. */
export function createNodeCutter({ cutInstances }: Pick<NodeFaultOptions, "cutInstances">): (of: NodesUnderFault, name: string) => Begun {
  /** How many faults cut an instance: it is mended when the last is over. */
  const cuts = new Map<InstanceId, number>();
  const count = (instance: InstanceId, by: number): number => {
    const left = (cuts.get(instance) ?? 0) + by;
    if (left > 0) cuts.set(instance, left);
    else cuts.delete(instance);
    cutInstances?.(new Set(cuts.keys()));
    return left;
  };
  return (of, name) => {
    const node = nodeOf(of, name);
    count(node.instanceId, 1);
    node.connection.cut();
    return {
      detail: `${name} (${node.instanceId}) cut off`,
      end: () => {
        if (count(node.instanceId, -1) === 0) node.connection.mend();
      },
    };
  };
}

/** Stops a node's instance: its pods' processes end; its Node stays, not ready. It is started again afterwards. */
export function stopNode({ cloud, clock, changed }: NodeFaultOptions, of: NodesUnderFault, name: string): Begun {
  const { instanceId } = nodeOf(of, name);
  must("StopInstances", cloud.stopInstances({ instanceIds: [instanceId] }, { now: clock.now() }));
  changed();
  return {
    detail: `${name} (${instanceId}) stopped`,
    end: () => {
      // Whoever terminated it meanwhile, or started it, has the last word.
      cloud.startInstances({ instanceIds: [instanceId] }, { now: clock.now() });
      changed();
    },
  };
}

/** Lets the metadata service of one node, or of all the cluster has, tell what was true when the fault began. */
export function staleMetadata(of: NodesUnderFault, name: string | undefined): Begun {
  const frozen = name === undefined ? of.nodes : [nodeOf(of, name)];
  for (const { metadata } of frozen) metadata.freeze();
  return {
    detail: `the metadata service of ${name ?? `all ${frozen.length} nodes of ${of.name}`} stands still`,
    end: () => {
      for (const { metadata } of frozen) metadata.thaw();
    },
  };
}

function nodeOf({ name: cluster, nodes }: NodesUnderFault, name: string): NodeUnderFault {
  const node = nodes.find(({ spec, instanceId }) => spec.name === name || instanceId === name);
  if (node !== undefined) return node;
  throw new Error(
    `there is no node ${name} in ${cluster}; there is ${nodes.map(({ spec }) => spec.name).join(", ") || "none"}. For a node of another cluster add --cluster`,
  );
}
