import type { Eks } from "@slash28/eks";
import type { ClusterUnit } from "./eks/cluster-unit.ts";
import type { Nodes } from "./nodes.ts";

/** A cluster that runs, and its nodes. */
export interface LabCluster {
  readonly name: string;
  readonly unit: Pick<ClusterUnit, "api" | "gateway">;
  readonly nodes: Pick<Nodes, "all" | "find">;
}

/** The clusters of a lab: its own, and those that EKS was asked for. */
export interface LabClusters {
  /** Those that run, the lab's own first. */
  running(): readonly LabCluster[];
  /** The lab's own when no name is given. Throws for a person when none of that name runs. */
  named(name: string | undefined): LabCluster;
}

export interface LabClustersOptions {
  readonly own: LabCluster;
  readonly others: () => readonly LabCluster[];
  readonly eks: Pick<Eks, "state">;
}

export function labClusters({ own, others, eks }: LabClustersOptions): LabClusters {
  const running = (): readonly LabCluster[] => [own, ...others()];
  return {
    running,
    named(name = own.name) {
      const found = running().find((cluster) => cluster.name === name);
      if (found !== undefined) return found;
      const known = Object.hasOwn(eks.state.clusters, name) ? eks.state.clusters[name] : undefined;
      if (known !== undefined) throw new Error(`the cluster ${name} does not run: it is ${known.status}`);
      throw new Error(
        `there is no cluster ${name}; there is ${running()
          .map((cluster) => cluster.name)
          .join(", ")}`,
      );
    },
  };
}
