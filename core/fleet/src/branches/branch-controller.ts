import type { EniId } from "@slash28/address";
import { deleteEni } from "../nodes/eni-accounts.ts";
import type { FleetNode } from "../nodes/node.ts";
import type { Pod } from "../pods/pod.ts";
import { startIsolated, seatPending } from "../pods/pod-life.ts";
import { begin, type Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { attachTrunk, createFor, hasFreePlace } from "./attach-trunk.ts";
import type { BranchDesk } from "./branch-desk.ts";
import { ControllerCalls } from "./controller-calls.ts";
import { NodeBranches, type Branch } from "./node-branches.ts";

/** A branch is deleted this long after its pod, with the next sweep of its trunk (`branch-eni-cooldown`). */
const COOLDOWN_MS = 60_000;
const SWEEP_MS = 30_000;
/** Branches of a node that went are deleted after this. */
const NODE_GONE_MS = 60_000;
/** The agent looks for a free place of an ENI with each turn of its pool. */
const SLOT_POLL_MS = 5_000;
/** A node whose trunk could not be made is taken up again with its next event. */
const TRUNK_RETRY_MS = 30_000;
/** After a branch that could not be made: the controller's queue, and then a pod's next event. */
const RETRY_MS = 10_000;

/** The VPC resource controller: trunks for nodes that ask, and a branch for each pod with security groups of its own, made when the pod has its node. */
export class BranchController implements BranchDesk {
  readonly #calls = new ControllerCalls();
  readonly #asked = new Set<FleetNode>();
  #trunksOnTheWay = 0;

  wantTrunk(world: World, node: FleetNode): void {
    if (this.#asked.has(node)) return;
    this.#asked.add(node);
    begin(world.queue, this.#bringTrunk(world, node), (trunkId) => {
      if (trunkId !== undefined) {
        const limit = node.identity.limits.branchInterfaces ?? 0;
        node.branches = new NodeBranches(node, { id: trunkId, readyAt: world.queue.now, limit });
        world.scheduler.update(node);
        seatPending(world);
      }
      this.noteShortage(world);
    });
  }

  ask(world: World, pod: Pod, node: FleetNode): void {
    const { branches } = node;
    if (branches === undefined) throw new Error(`${node.identity.name} has no trunk, and a pod was put there that needs one`);
    begin(world.queue, this.#give(world, pod, branches, branches.ask(pod)), () => undefined);
  }

  leave(world: World, pod: Pod, { branches }: FleetNode): void {
    if (branches === undefined) return;
    branches.giveUp(pod);
    const branch = branches.cool(pod);
    if (branch !== undefined) this.#deleteLater(world, branches, branch);
  }

  noteShortage(world: World): void {
    const { scheduler, groups, figures, queue } = world;
    if (this.#trunksOnTheWay > 0) return;
    const node = scheduler.nodeWithoutBranches();
    const mayGrow = [...groups.values()].some(({ spec, nodes, asked }) => nodes.size + asked < (spec.scaling?.max ?? 0));
    if (node !== undefined && !mayGrow) figures.exhausted("no-branch-eni", node.identity.subnet, queue.now);
  }

  endNode(world: World, node: FleetNode): void {
    const { branches } = node;
    if (branches === undefined) return;
    const { queue } = world;
    const fire = (): void => {
      for (const branch of branches.takeAllOut()) begin(queue, this.#delete(world, branches, branch), () => undefined);
    };
    queue.in(NODE_GONE_MS, { fire });
  }

  /** `undefined`: the node went before. */
  *#bringTrunk(world: World, node: FleetNode): Steps<EniId | undefined> {
    while (node.phase !== "gone") {
      if (!hasFreePlace(world, node)) {
        yield SLOT_POLL_MS;
        continue;
      }
      this.#trunksOnTheWay++;
      const trunkId = yield* attachTrunk(world, this.#calls, node);
      this.#trunksOnTheWay--;
      if (trunkId !== undefined) return isGone(node) ? undefined : trunkId;
      yield TRUNK_RETRY_MS;
    }
    return undefined;
  }

  *#give(world: World, pod: Pod, branches: NodeBranches, ticket: number): Steps<void> {
    while (branches.isAsked(pod, ticket)) {
      const vlanId = branches.takeVlan();
      if (vlanId === undefined) {
        // Branches of pods that ended are still there: there is room when they have cooled down.
        yield COOLDOWN_MS;
        continue;
      }
      const branch = yield* this.#make(world, branches, vlanId);
      if (branch === undefined) {
        branches.dropVlan(vlanId);
        yield Math.ceil(RETRY_MS * (0.5 + world.random.next()));
        continue;
      }
      if (branches.isAsked(pod, ticket)) {
        branches.put(pod, branch);
        return startIsolated(world, pod);
      }
      branches.coolUnused(branch);
      return this.#deleteLater(world, branches, branch);
    }
  }

  *#make(world: World, branches: NodeBranches, vlanId: number): Steps<Branch | undefined> {
    const { node, trunkId } = branches;
    const { cloud } = world.network;
    const eni = yield* createFor(world, this.#calls, node, { description: "aws-k8s-branch-eni" });
    if (eni === undefined) return undefined;
    const tied = yield* this.#calls.call(world, "AssociateTrunkInterface", (call) =>
      cloud.associateTrunk({ branchId: eni.id, trunkId, vlanId }, call),
    );
    if (tied.ok) return { eniId: eni.id, associationId: tied.value.id, vlanId };
    yield* this.#deleteEni(world, node, eni.id);
    return undefined;
  }

  #deleteLater(world: World, branches: NodeBranches, branch: Branch): void {
    const { queue } = world;
    const since = queue.now + COOLDOWN_MS - branches.readyAt;
    const at = branches.readyAt + Math.ceil(since / SWEEP_MS) * SWEEP_MS;
    const fire = (): void => {
      if (branches.takeOut(branch)) begin(queue, this.#delete(world, branches, branch), () => undefined);
    };
    queue.at(at, { fire });
  }

  *#delete(world: World, branches: NodeBranches, { eniId, associationId, vlanId }: Branch): Steps<void> {
    const { cloud } = world.network;
    // What is tied to no trunk any more is no fault: the ENI is deleted all the same.
    yield* this.#calls.call(world, "DisassociateTrunkInterface", (call) => cloud.disassociateTrunk({ associationId }, call));
    yield* this.#deleteEni(world, branches.node, eniId);
    branches.dropVlan(vlanId);
  }

  *#deleteEni(world: World, node: FleetNode, eniId: EniId): Steps<void> {
    const deleted = yield* this.#calls.call(world, "DeleteNetworkInterface", (call) => deleteEni(world, node, eniId, call));
    if (deleted.ok) world.figures.branchEnis.add(-1, world.queue.now);
  }
}

function isGone({ phase }: FleetNode): boolean {
  return phase === "gone";
}
