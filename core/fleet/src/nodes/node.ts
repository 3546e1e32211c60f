import type { EniId, InstanceId } from "@slash28/address";
import {
  blockKindOf,
  excludedSubnets,
  Ledger,
  nodeFacts,
  NO_REFUSALS,
  type Capacity,
  type FrozenReason,
  type NodeFacts,
  type ObservePolicy,
  type Settings,
} from "@slash28/ipam";
import type { InstanceLimits } from "@slash28/limits";
import { fullBudget, type CallBudget, type FaultCode } from "@slash28/ports";
import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import type { ListedSubnets } from "../cloud/listed-subnets.ts";
import type { NodeBranches } from "../branches/node-branches.ts";
import type { NodeGroup } from "../groups/node-group.ts";
import type { Pod } from "../pods/pod.ts";
import type { SeatTable } from "../pods/seat-table.ts";

export interface NodeIdentity {
  readonly name: string;
  readonly group: NodeGroup;
  readonly instanceId: InstanceId;
  readonly subnet: SubnetOfRun;
  readonly limits: InstanceLimits;
  readonly maxPods: number;
  /** Pods of workloads it takes: below max pods without those that every node has. */
  readonly seats: number;
  /** Pods with branch ENIs that it takes at most, of those. */
  readonly branchSeats: number;
  /** ENIs of the instance that are somebody else's. */
  readonly reservedEnis: number;
  /** For nodes of an observed fleet it is the start of the run. */
  readonly launchedAt: number;
}

/** What a node's pool is kept by, as others see it. */
export interface PoolLoopOfNode {
  /** Demand changed. */
  wake(): void;
  /** No further turn starts. */
  stop(): void;
  /** Stopped, and the last turn is over. */
  readonly isOver: boolean;
}

/** One node of the run: what the agent on it knows and holds, and its pods. What each pod's coming and going looks at stands first, and together. */
export class FleetNode {
  readonly identity: NodeIdentity;
  /** `launching`: no agent yet. `serving`: pods get addresses. `paused`: its agent restarts. */
  phase: "launching" | "serving" | "paused" | "gone" = "launching";
  ledger: Ledger;
  /** Pods on it, those that wait among them. */
  readonly pods: Pod[] = [];
  /** Pods without an address, the first to come first. */
  readonly waiting: Pod[] = [];
  /** What keeps its pool; absent until its agent starts. */
  loop: PoolLoopOfNode | undefined;
  /** Where the scheduler keeps it. */
  seatTable: SeatTable<FleetNode> | undefined;
  seatNumber = -1;
  daemonPods = 0;
  /** Prefixes with pods, and pods with an address of one. */
  usedPrefixes = 0;
  prefixPods = 0;
  isCordoned = false;
  /** Whether it had its first address, and with it lost the taint that kept pods off. */
  hadAddress = false;
  /** Whether its ENI has the /80 that an IPv6 cluster's pods have addresses of. */
  hasIpv6Prefix = false;
  /** Its trunk with the branches on it, once it is attached. */
  branches: NodeBranches | undefined;
  /** Since when it has no pods but the DaemonSets'. */
  emptySince: number;
  settings: Settings;
  capacity: Capacity = NO_REFUSALS;
  /** Whether the last plan found every subnet full or fragmented. */
  isWithoutRoom = false;
  #facts: NodeFacts | undefined;
  #newEniSubnets: NodeFacts["newEniSubnets"];
  budget: CallBudget;
  /** Whether a replacement will take it away. */
  isLeaving = false;
  /** The subnets of its zone as they were described last, and when. */
  described: ListedSubnets | undefined;
  describedAt = Number.NEGATIVE_INFINITY;
  /** An ENI that was created and is not attached yet. */
  openEni: EniId | undefined;
  /** What stopped the last step of its pool. */
  lastFault: FaultCode | undefined;
  /** Whether its primary ENI has the agent's tags. */
  isTagged = false;
  #keepsTrunkSlot = false;

  constructor(identity: NodeIdentity, settings: Settings) {
    this.identity = identity;
    this.settings = settings;
    this.ledger = this.#emptyLedger();
    this.budget = fullBudget(identity.launchedAt);
    this.emptySince = identity.launchedAt;
  }

  get zone(): string {
    return this.identity.subnet.spec.zone;
  }

  /** The planner's fixed inputs, as they are now. */
  get facts(): NodeFacts {
    return (this.#facts ??= this.#makeFacts());
  }

  /** Whether it has made an ENI, and knows where others may be made. */
  get knowsPlaces(): boolean {
    return this.#newEniSubnets !== undefined;
  }

  set newEniSubnets(subnets: NodeFacts["newEniSubnets"]) {
    this.#newEniSubnets = subnets;
    this.#facts = undefined;
  }

  /** Whether the place of one ENI is the trunk's. It stays so: a trunk goes with its instance only. */
  get keepsTrunkSlot(): boolean {
    return this.#keepsTrunkSlot;
  }

  keepTrunkSlot(): void {
    this.#keepsTrunkSlot = true;
    this.#facts = undefined;
  }

  get frozen(): FrozenReason | undefined {
    const { provisioningDisabled, manageWhenUnschedulable } = this.settings.enis;
    if (provisioningDisabled) return "provisioning-disabled";
    return this.isCordoned && !manageWhenUnschedulable ? "node-unschedulable" : undefined;
  }

  /** Which of its ENIs take pods. */
  get policy(): ObservePolicy {
    const { pool, enis } = this.settings;
    const { customNetworking } = pool;
    if (!enis.subnetDiscovery || this.described === undefined) return { customNetworking };
    return { customNetworking, excludedSubnets: excludedSubnets(this.described.all(), enis.clusterName) };
  }

  /** Pods of workloads that it could still take. */
  get freeSeats(): number {
    return this.identity.seats - (this.pods.length - this.daemonPods);
  }

  /** A new process with these settings: an empty ledger, of the kind that they ask for. */
  restartWith(settings: Settings): void {
    this.settings = settings;
    this.ledger = this.#emptyLedger();
    this.capacity = NO_REFUSALS;
    this.isWithoutRoom = false;
    this.described = undefined;
    this.describedAt = Number.NEGATIVE_INFINITY;
    this.newEniSubnets = undefined;
  }

  #emptyLedger(): Ledger {
    const { pool } = this.settings;
    return new Ledger({
      kind: blockKindOf(pool, this.facts),
      cooldownMs: pool.cooldownMs,
      remembersDemand: pool.warmPolicy === "adaptive",
    });
  }

  #makeFacts(): NodeFacts {
    const { limits, maxPods, reservedEnis } = this.identity;
    const facts = nodeFacts(limits, maxPods, { reservedEnis: reservedEnis + (this.#keepsTrunkSlot ? 1 : 0) });
    return this.#newEniSubnets === undefined ? facts : { ...facts, newEniSubnets: this.#newEniSubnets };
  }
}
