import type { ClusterFile } from "@slash28/cluster-file";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import type { StateStore } from "../../state/index.ts";
import type { EventBook } from "../event-book.ts";
import type { Nodes } from "../nodes.ts";
import type { ProvisionedVpc } from "../provision-vpc.ts";
import type { Undo } from "../undo.ts";
import type { ClusterSite } from "./cluster-site.ts";
import type { Identities } from "../../aws/index.ts";
import { createNodeRoles, type NodeRoles } from "./node-roles.ts";
import { fileGroups } from "./file-groups.ts";
import { createNodeGroups, type GroupParts, type NodeGroups } from "./node-groups.ts";

export interface OwnGroupsOptions {
  readonly cloud: Cloud;
  readonly file: ClusterFile;
  readonly network: ProvisionedVpc;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateStore;
}

/** The node groups of a lab: those of its own cluster, which come with it, and those of clusters that EKS makes. */
export interface OwnGroups extends Pick<NodeGroups, "side" | "operations"> {
  /** The lab's own cluster runs from here on. */
  opened(clusters: RunningClusters): void;
  /** Makes the groups of the cluster file, launches their nodes and goes on looking after all groups. */
  start(parts: OwnGroupParts, undo: Undo): Promise<void>;
}

export interface OwnGroupParts extends Pick<GroupParts, "changed"> {
  readonly nodes: readonly Pick<Nodes, "problemsOf">[];
  readonly events: Pick<EventBook, "record">;
}

export interface RunningClusters {
  /** A cluster that runs, the lab's own or another; `undefined` for one that is not there, or not yet. */
  readonly siteOf: (cluster: string) => ClusterSite | undefined;
  readonly account: Identities["account"];
}

export function createOwnGroups({ cloud, file, network, clock, log, state }: OwnGroupsOptions): OwnGroups {
  const late: { siteOf?: RunningClusters["siteOf"]; roles?: NodeRoles } = {};
  const roles = (): NodeRoles => {
    if (late.roles === undefined) throw new Error("node groups were asked for before there was an account");
    return late.roles;
  };
  const groups = createNodeGroups({
    cloud,
    clock,
    log: log.child({ part: "node-groups" }),
    kept: state.document("node-groups"),
    siteOf: (name) => late.siteOf?.(name),
    roles,
  });
  return {
    side: groups.side,
    operations: groups.operations,
    opened({ siteOf, account }) {
      late.siteOf = siteOf;
      late.roles = createNodeRoles(account);
    },
    async start({ nodes, events, changed }, undo) {
      const problemsOf = (id: string): readonly string[] => nodes.flatMap((some) => some.problemsOf(id));
      const driver = groups.start({ problemsOf, changed, failed: (group, why) => events.record("node-not-joined", group, why) });
      undo.add("the node groups", () => driver.stop());
      // A lab that goes on has the groups it was left with, whatever its file said at first.
      const asked = state.isRestored ? [] : fileGroups(file, network, cloud.accountId);
      for (const input of asked) groups.ensure(file.name, input);
      await driver.turn();
      // What EC2 refused is told with the next look. A lab without the nodes its file asks for is none.
      await driver.turn();
      for (const { name } of asked) {
        const [issue] = groups.find(file.name, name)?.health ?? [];
        if (issue !== undefined) throw new Error(`the node group ${name} lacks nodes: ${issue.message}`);
      }
      driver.run();
    },
  };
}
