import type { AttachmentId, Cidr4, EniId, Ipv4, SubnetId } from "@slash28/address";
import {
  blockKindOf,
  Ledger,
  nodeFacts,
  NO_REFUSALS,
  type Capacity,
  type FrozenReason,
  type NodeFacts,
  type PoolPlan,
  type Settings,
} from "@slash28/ipam";
import type { InstanceLimits } from "@slash28/limits";
import type { ConnectionTracking, Ec2Subnet, Fault, InstanceIdentity } from "@slash28/ports";

/** What this node is and what it holds. The agent's one event loop owns it: nothing else changes it, so there are no locks. */
export interface Node {
  readonly identity: InstanceIdentity;
  readonly settings: Settings;
  readonly limits: InstanceLimits;
  readonly ledger: Ledger;
  readonly attachments: Map<EniId, AttachmentId>;
  readonly subnetCidrs: Map<SubnetId, Cidr4>;
  /** ENIs attached to the instance that someone else manages; `inMetadata`: it has addresses, so the metadata service shows it. */
  readonly unmanaged: Map<EniId, { readonly inMetadata: boolean; readonly deviceIndex: number }>;
  /** Tags and leftovers of earlier runs were not looked at yet. */
  isMendDue: boolean;
  /** The subnets of the node's zone as EC2 listed them last; absent while it has not. */
  subnets: readonly Ec2Subnet[] | undefined;
  /** When EC2 was asked for them last, with an answer or without. */
  subnetsAskedAt: number | undefined;
  vpcCidrs: readonly Cidr4[];
  /** The security groups of the primary ENI: new ENIs get them. */
  groups: InstanceIdentity["groups"];
  /** Whether the other ENIs have these groups for certain: they may have changed while no agent ran, or in a call without an answer. */
  areGroupsCompared: boolean;
  /** The primary ENI's own settings of connection tracking: new ENIs get them. */
  connectionTracking: ConnectionTracking | undefined;
  maxPods: number;
  capacity: Capacity;
  newEniSubnets: readonly SubnetId[] | undefined;
  frozen: FrozenReason | undefined;
  /** The ENIConfig that the Node object selects; absent while that is not known. */
  eniConfigName: string | undefined;
  /** What the last turn of the pool planned, and what stopped it. */
  lastPlan: PoolPlan | undefined;
  lastFault: Fault | undefined;
  /** Addresses of running pods that EC2 did not list when last asked. */
  lost: ReadonlySet<Ipv4>;
  /** Why the host's own network is not as it should be. */
  hostFault: Fault | undefined;
}

export function createNode(identity: InstanceIdentity, settings: Settings, limits: InstanceLimits, maxPods: number): Node {
  const kind = blockKindOf(settings.pool, nodeFacts(limits, maxPods));
  return {
    identity,
    settings,
    limits,
    ledger: new Ledger({ kind, cooldownMs: settings.pool.cooldownMs, remembersDemand: settings.pool.warmPolicy === "adaptive" }),
    attachments: new Map(),
    subnetCidrs: new Map(),
    unmanaged: new Map(),
    isMendDue: false,
    subnets: undefined,
    subnetsAskedAt: undefined,
    vpcCidrs: identity.vpcCidrs,
    groups: identity.groups,
    areGroupsCompared: false,
    connectionTracking: undefined,
    maxPods,
    capacity: NO_REFUSALS,
    newEniSubnets: undefined,
    frozen: settings.enis.provisioningDisabled ? "provisioning-disabled" : undefined,
    eniConfigName: undefined,
    lastPlan: undefined,
    lastFault: undefined,
    lost: new Set(),
    hostFault: undefined,
  };
}

/** The planner's fixed inputs, as they are now. */
export function factsOf(node: Node): NodeFacts {
  const facts = nodeFacts(node.limits, node.maxPods, { reservedEnis: node.unmanaged.size });
  return node.newEniSubnets === undefined ? facts : { ...facts, newEniSubnets: node.newEniSubnets };
}
