import type { FleetNodeGroup } from "../fleet-input.ts";
import { Gauge } from "../figures/gauge.ts";
import { Holdings } from "../figures/holdings.ts";
import type { FleetNode } from "../nodes/node.ts";

/** A node group of the run: what new nodes of it are like, and those it has. */
export class NodeGroup {
  readonly name: string;
  /** Changes with the group's replacement. */
  spec: FleetNodeGroup;
  readonly nodes = new Set<FleetNode>();
  readonly holdings = new Holdings();
  readonly count = new Gauge();
  /** Nodes that are asked for and not launched yet. */
  asked = 0;

  constructor(spec: FleetNodeGroup) {
    this.name = spec.name;
    this.spec = spec;
  }
}
