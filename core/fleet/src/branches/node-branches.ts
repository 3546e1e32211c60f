import type { EniId } from "@slash28/address";
import type { TrunkAssociationId } from "@slash28/vpc";
import type { FleetNode } from "../nodes/node.ts";
import type { Pod } from "../pods/pod.ts";
import type { Seated } from "../pods/seat-table.ts";

/** A branch ENI on a node's trunk. */
export interface Branch {
  readonly eniId: EniId;
  readonly associationId: TrunkAssociationId;
  readonly vlanId: number;
}

/** VLAN ids of one trunk: 1 to 120, the lowest free one first (VPC resource controller). */
const VLANS_MAX = 120;

/** A node's trunk, and the branches on it: those of pods, those on their way, and those that cool down after a pod. */
export class NodeBranches implements Seated {
  readonly node: FleetNode;
  readonly trunkId: EniId;
  readonly readyAt: number;
  readonly limit: number;
  readonly #branches = new Map<Pod, Branch>();
  /** Who asked, and by which ticket: a pod that left and came back asks anew. */
  readonly #tickets = new Map<Pod, number>();
  readonly #cooling = new Set<Branch>();
  readonly #vlans = new Set<number>();
  #nextTicket = 0;
  seatNumber = -1;

  constructor(node: FleetNode, trunk: { readonly id: EniId; readonly readyAt: number; readonly limit: number }) {
    this.node = node;
    this.trunkId = trunk.id;
    this.readyAt = trunk.readyAt;
    this.limit = trunk.limit;
  }

  /** For the scheduler: kubelet tells of as many `vpc.amazonaws.com/pod-eni` as the type has branches. */
  get identity(): Seated["identity"] {
    return { name: this.node.identity.name, seats: this.limit };
  }

  get freeSeats(): number {
    return Math.max(0, Math.min(this.node.freeSeats, this.limit - this.pods));
  }

  /** Pods that have one, or wait for one. */
  get pods(): number {
    return this.#branches.size + this.#tickets.size;
  }

  get waiting(): number {
    return this.#tickets.size;
  }

  /** Branches that are there: pods', and those that cool down. */
  get count(): number {
    return this.#branches.size + this.#cooling.size;
  }

  ask(pod: Pod): number {
    this.#tickets.set(pod, ++this.#nextTicket);
    return this.#nextTicket;
  }

  isAsked(pod: Pod, ticket: number): boolean {
    return this.#tickets.get(pod) === ticket;
  }

  giveUp(pod: Pod): void {
    this.#tickets.delete(pod);
  }

  /** A VLAN for one branch more; `undefined` while those that are there, and on their way, are as many as the trunk takes. */
  takeVlan(): number | undefined {
    if (this.#vlans.size >= Math.min(this.limit, VLANS_MAX)) return undefined;
    let vlanId = 1;
    while (this.#vlans.has(vlanId)) vlanId++;
    this.#vlans.add(vlanId);
    return vlanId;
  }

  dropVlan(vlanId: number): void {
    this.#vlans.delete(vlanId);
  }

  put(pod: Pod, branch: Branch): void {
    this.#tickets.delete(pod);
    this.#branches.set(pod, branch);
  }

  branchOf(pod: Pod): Branch | undefined {
    return this.#branches.get(pod);
  }

  /** The pod is over: its branch cools down, since others may still send to its address. */
  cool(pod: Pod): Branch | undefined {
    const branch = this.#branches.get(pod);
    if (branch === undefined) return undefined;
    this.#branches.delete(pod);
    this.#cooling.add(branch);
    return branch;
  }

  /** A branch is nobody's from the start: its pod left while it was made. */
  coolUnused(branch: Branch): void {
    this.#cooling.add(branch);
  }

  /** Takes a branch out to delete it; `false` when that is done, or being done, already. */
  takeOut(branch: Branch): boolean {
    return this.#cooling.delete(branch);
  }

  /** The node is gone, and with it the trunk: all branches are to be deleted. */
  takeAllOut(): readonly Branch[] {
    const all = [...this.#branches.values(), ...this.#cooling];
    this.#branches.clear();
    this.#cooling.clear();
    return all;
  }
}
