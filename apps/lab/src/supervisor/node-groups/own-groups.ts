import { formatIpv4 } from "@slash28/address";
import type { ClusterFile } from "@slash28/cluster-file";
import { DEFAULT_VERSION } from "@slash28/eks";
import type { Clock, Kube, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { INTERNET } from "../../fabric/index.ts";
import type { StateStore } from "../../state/index.ts";
import type { Nodes } from "../nodes.ts";
import type { ProvisionedVpc } from "../provision-vpc.ts";
import type { Undo } from "../undo.ts";
import type { ClusterSite } from "./cluster-site.ts";
import type { Identities } from "../../aws/index.ts";
import { createNodeRoles, type NodeRoles } from "./node-roles.ts";
import { fileGroups } from "./file-groups.ts";
import { createNodeGroups, type NodeGroups } from "./node-groups.ts";

/** The services' range of the lab's cluster, and its DNS's place in it. */
const SERVICE_CIDR = "10.100.0.0/16";
const DNS_ADDRESS = "10.100.0.10";

export interface OwnGroupsOptions {
  readonly cloud: Cloud;
  readonly file: ClusterFile;
  readonly network: ProvisionedVpc;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateStore;
}

/** The node groups of the lab's own cluster. */
export interface OwnGroups extends Pick<NodeGroups, "side" | "operations"> {
  /** The cluster's API answers from here on. */
  opened(api: OwnApi): void;
  /** Makes the groups of the cluster file, launches their nodes and goes on looking after all groups. */
  start(nodes: Pick<Nodes, "problemsOf">, changed: () => void, undo: Undo): Promise<void>;
}

export interface OwnApi {
  readonly kube: Kube;
  readonly caPem: string;
  /** As an operator reaches it. */
  readonly url: string;
  readonly isSimulated: boolean;
  readonly account: Identities["account"];
}

export function createOwnGroups({ cloud, file, network, clock, log, state }: OwnGroupsOptions): OwnGroups {
  const late: { site?: ClusterSite; roles?: NodeRoles } = {};
  const siteOf = (name: string): ClusterSite | undefined => (name === file.name ? late.site : undefined);
  const roles = (): NodeRoles => {
    if (late.roles === undefined) throw new Error("node groups were asked for before there was an account");
    return late.roles;
  };
  const groups = createNodeGroups({
    cloud,
    clock,
    log: log.child({ part: "node-groups" }),
    kept: state.document("node-groups"),
    siteOf,
    roles,
  });
  return {
    side: groups.side,
    operations: groups.operations,
    opened({ kube, caPem, url, isSimulated, account }) {
      late.roles = createNodeRoles(account);
      late.site = {
        nodes: {
          name: file.name,
          endpoint: isSimulated ? url : `https://${formatIpv4(INTERNET.kubernetes)}`,
          certificateAuthority: Buffer.from(caPem).toString("base64"),
          serviceCidr: SERVICE_CIDR,
          dnsAddress: DNS_ADDRESS,
          securityGroupId: network.clusterGroup,
        },
        vpcId: network.vpc.id,
        version: DEFAULT_VERSION,
        isIpv6: false,
        kube,
      };
    },
    async start(nodes, changed, undo) {
      const driver = groups.start({ problemsOf: (id) => nodes.problemsOf(id), changed });
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
