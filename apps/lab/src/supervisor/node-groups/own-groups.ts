import { formatCidr4, formatIpv4, type Cidr4 } from "@slash28/address";
import type { ClusterFile } from "@slash28/cluster-file";
import { DEFAULT_VERSION } from "@slash28/eks";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { INTERNET } from "../../fabric/index.ts";
import type { ApiServer } from "../../kubernetes/api-server/index.ts";
import type { StateStore } from "../../state/index.ts";
import type { ApiGateway } from "../api-gateway.ts";
import type { LabOrder } from "../lab-order.ts";
import type { Nodes } from "../nodes.ts";
import type { ProvisionedVpc } from "../provision-vpc.ts";
import { ownServiceAddresses } from "../service-range.ts";
import type { Undo } from "../undo.ts";
import type { ClusterSite } from "./cluster-site.ts";
import type { Identities } from "../../aws/index.ts";
import { createNodeRoles, type NodeRoles } from "./node-roles.ts";
import { fileGroups } from "./file-groups.ts";
import { createNodeGroups, type NodeGroups } from "./node-groups.ts";

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
  /** The cluster's API answers from here on. */
  opened(api: OwnApi): void;
  /** Makes the groups of the cluster file, launches their nodes and goes on looking after all groups. */
  start(nodes: readonly Pick<Nodes, "problemsOf">[], changed: () => void, undo: Undo): Promise<void>;
}

export interface OwnApi {
  readonly api: Pick<ApiServer, "caPem">;
  readonly gateway: Pick<ApiGateway, "kube" | "outside">;
  readonly order: Pick<LabOrder, "dataPlane">;
  readonly serviceRange: Cidr4;
  /** Another cluster that runs. */
  readonly otherSite: (cluster: string) => ClusterSite | undefined;
  readonly account: Identities["account"];
}

export function createOwnGroups({ cloud, file, network, clock, log, state }: OwnGroupsOptions): OwnGroups {
  const late: { site?: ClusterSite; otherSite?: OwnApi["otherSite"]; roles?: NodeRoles } = {};
  const siteOf = (name: string): ClusterSite | undefined => (name === file.name ? late.site : late.otherSite?.(name));
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
    opened({ api, gateway, order, serviceRange, otherSite, account }) {
      late.otherSite = otherSite;
      late.roles = createNodeRoles(account);
      late.site = {
        nodes: {
          name: file.name,
          endpoint: order.dataPlane === "simulated" ? gateway.outside.url : `https://${formatIpv4(INTERNET.kubernetes)}`,
          certificateAuthority: Buffer.from(api.caPem).toString("base64"),
          serviceCidr: formatCidr4(serviceRange),
          dnsAddress: ownServiceAddresses(serviceRange).dns,
          securityGroupId: network.clusterGroup,
        },
        vpcId: network.vpc.id,
        version: DEFAULT_VERSION,
        isIpv6: false,
        kube: gateway.kube,
      };
    },
    async start(nodes, changed, undo) {
      const driver = groups.start({ problemsOf: (id) => nodes.flatMap((some) => some.problemsOf(id)), changed });
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
