import { AGENT_PACE, isWithoutRoom, planPool, YOUNG_ENI_MS, type PoolPlan, type PoolView } from "@slash28/ipam";
import { serveWaiting } from "../pods/pod-life.ts";
import type { Happening } from "../time/event-queue.ts";
import { begin, type Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { carryOut, type Turn } from "./carry-out.ts";
import { lookThroughEc2, mend } from "./look.ts";
import { arePlacesOld, renewPlaces } from "./new-eni.ts";
import type { FleetNode, PoolLoopOfNode } from "./node.ts";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Turns a node's pool, one turn at a time, on demand and when the last plan said so. The agent also looks every 5 s; such a look finds what the
 * last one found unless something changed, so it is left out here, and a fleet at rest costs nothing.
 */
export class PoolLoop implements Happening, PoolLoopOfNode {
  readonly #world: World;
  readonly #node: FleetNode;
  #isBusy = false;
  #isAwake = false;
  /** Until when nothing but time counts: a fault's delay, or a burst of pods that settles. */
  #isFirm = false;
  #isStale = false;
  /** When it turns next; absent: when something wakes it. */
  #lookAt: number | undefined;
  /** When what was left to mend is tried again. */
  #mendAt: number | undefined;
  #isStopped = false;

  constructor(world: World, node: FleetNode, isMendDue: boolean) {
    this.#world = world;
    this.#node = node;
    if (isMendDue) this.#mendAt = world.queue.now + AGENT_PACE.observeEveryMs;
  }

  /** The first turn. */
  start(): void {
    if (this.#mendAt !== undefined) this.#lookForMend(this.#mendAt);
    this.#turn();
  }

  wake(): void {
    this.#isAwake = true;
    if (this.#isBusy || this.#isFirm) return;
    this.#settle();
  }

  stop(): void {
    this.#isStopped = true;
  }

  get isOver(): boolean {
    return this.#isStopped && !this.#isBusy;
  }

  fire(): void {
    if (this.#isBusy || this.#world.queue.now !== this.#lookAt) return;
    this.#isFirm = false;
    this.#lookAt = undefined;
    this.#turn();
  }

  /** Pods that wait are no reason to wait longer; others are. */
  #settle(): void {
    const { now } = this.#world.queue;
    if (this.#node.waiting.length > 0) return this.#lookBy(now);
    this.#lookBy(now + AGENT_PACE.settleMs);
    this.#isFirm = true;
  }

  #lookBy(at: number): void {
    if (this.#isBusy || this.#isStopped || at === NEVER) return;
    if (this.#lookAt !== undefined && at >= this.#lookAt) return;
    this.#lookAt = at;
    this.#world.queue.at(at, this);
  }

  #turn(): void {
    for (;;) {
      if (this.#isStopped || this.#node.phase === "gone") return;
      const { now } = this.#world.queue;
      if (this.#isStale || this.#isMendDue(now)) return this.#run(this.#observe(), () => this.#turn());
      if (arePlacesOld(this.#world, this.#node)) return this.#run(renewPlaces(this.#world, this.#node), () => this.#turn());
      this.#isAwake = false;
      const { ledger, waiting, capacity, frozen, settings, facts } = this.#node;
      if (waiting.length > 0) serveWaiting(this.#world, this.#node);
      const view = ledger.view({ waiting: waiting.length, capacity, frozen }, now);
      const plan = planPool(view, settings.pool, facts, now);
      this.#node.isWithoutRoom = isWithoutRoom(plan);
      if (plan.kind !== "idle") return this.#run(carryOut(this.#world, this.#node, plan), (turn) => this.#after(turn));
      return this.#rest(plan, view, now);
    }
  }

  #rest(plan: Extract<PoolPlan, { kind: "idle" }>, view: PoolView, now: number): void {
    const node = this.#node;
    const isWaiting = node.waiting.length > 0;
    if (plan.why === "instance-full" && isWaiting) this.#world.figures.exhausted("instance-full", node.identity.subnet, now);
    const nextFreeAt = isWaiting ? (view.nextFreeAt ?? NEVER) : NEVER;
    this.#lookBy(Math.max(now + 1, Math.min(plan.recheckAt ?? NEVER, nextFreeAt, this.#idleEniAt(now))));
  }

  /** A plan does not say when an ENI that takes no pods is old enough to go. */
  #idleEniAt(now: number): number {
    let at = NEVER;
    if (!this.#node.settings.pool.customNetworking) return at;
    for (const eni of this.#node.ledger.enis()) {
      const oldAt = eni.addedAt + YOUNG_ENI_MS;
      if (!eni.facts.takesPods && eni.facts.deviceIndex > 0 && oldAt > now) at = Math.min(at, oldAt);
    }
    return at;
  }

  #after({ nextInMs, isFirm, isStale }: Turn): void {
    this.#isStale = isStale;
    if (nextInMs === 0) return this.#turn();
    const { now } = this.#world.queue;
    this.#lookBy(now + nextInMs);
    this.#isFirm = isFirm;
    if (!isFirm && this.#isAwake) this.#settle();
  }

  /** A look that EC2 does not answer changes nothing, and what it was to mend waits for another one. */
  *#observe(): Steps<void> {
    const { queue } = this.#world;
    const isMendDue = this.#isMendDue(queue.now);
    this.#isStale = false;
    const isMended = (yield* lookThroughEc2(this.#world, this.#node)) && (!isMendDue || (yield* mend(this.#world, this.#node)));
    if (!isMendDue) return;
    this.#mendAt = isMended ? undefined : queue.now + AGENT_PACE.observeEveryMs;
    if (this.#mendAt !== undefined) this.#lookForMend(this.#mendAt);
  }

  #isMendDue(now: number): boolean {
    return this.#mendAt !== undefined && now >= this.#mendAt;
  }

  #lookForMend(at: number): void {
    this.#world.queue.at(at, { fire: () => this.#lookBy(this.#world.queue.now) });
  }

  #run<T>(steps: Steps<T>, then: (value: T) => void): void {
    this.#isBusy = true;
    this.#lookAt = undefined;
    const done = (value: T): void => {
      this.#isBusy = false;
      if (!this.#isStopped) then(value);
    };
    begin(this.#world.queue, steps, done, () => this.#node.phase === "gone");
  }
}
