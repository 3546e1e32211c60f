import { formatIpv4 } from "@slash28/address";
import { AddressBook, createRandom, type Random } from "@slash28/simulation";
import type { AgentHost } from "../agent/agent-host.ts";
import type { World } from "../world/world.ts";
import { addressOf, callFor, gcCall, isTryAgain, refusalOf, statusCall } from "./cni-call.ts";
import { newSandbox, type Sandbox } from "./sandbox.ts";

interface Pod {
  readonly name: string;
  isWanted: boolean;
  /** The sandbox it runs in, or is about to. */
  sandbox: Sandbox | undefined;
  /** A new sandbox will be tried. */
  isRetrying: boolean;
}

export interface KubeletOptions {
  readonly world: World;
  readonly host: AgentHost;
}

const DEL_RETRY_MS = [1_000, 5_000] as const;
const ADD_RETRY_MS = [1_000, 8_000] as const;

/**
 * Kubelet and the container runtime of the node: they ask for pods' networks, hold the agent to its answers, and try again as the real ones do:
 * a failed ADD is followed by a DEL and a new sandbox, a failed DEL by another.
 */
export class Kubelet {
  readonly #world: World;
  readonly #host: AgentHost;
  readonly #book: AddressBook;
  readonly #pods: readonly Pod[];
  /** Every sandbox that is not gone. */
  readonly #sandboxes = new Set<Sandbox>();
  readonly #random: Random;
  #containers = 0;

  constructor({ world, host }: KubeletOptions) {
    this.#world = world;
    this.#host = host;
    const { seed, cooldownMs, pods } = world.scenario;
    this.#book = new AddressBook(cooldownMs);
    this.#random = createRandom("kubelet", seed);
    this.#pods = Array.from({ length: pods }, (_, index) => ({
      name: `pod-${index}`,
      isWanted: false,
      sandbox: undefined,
      isRetrying: false,
    }));
  }

  /** The sandboxes that run on an address they were told. */
  *running(): Generator<Sandbox> {
    for (const sandbox of this.#sandboxes) if (sandbox.phase === "running" && !sandbox.isReplaced && !sandbox.isForgotten) yield sandbox;
  }

  /** Every sandbox that the runtime or a kernel link may still keep an address for. */
  get sandboxes(): ReadonlySet<Sandbox> {
    return this.#sandboxes;
  }

  get waiting(): number {
    return this.#pods.filter((pod) => pod.isWanted && pod.sandbox?.phase !== "running").length;
  }

  clockJumped(ms: number): void {
    this.#book.jumped(ms);
  }

  agentStarts(): void {
    this.#book.agentStarts();
  }

  /** One thing that happens on a node with pods. */
  act(random: Random): void {
    const pod = random.pick(this.#pods);
    const { sandbox } = pod;
    const roll = random.next();
    if (roll < 0.04) return void this.#host.request(statusCall());
    if (roll < 0.07) return this.collect();
    if (sandbox === undefined || !pod.isWanted) return this.#want(pod);
    if (roll < 0.6) return this.#unwant(pod, random);
    if (sandbox.phase === "adding" || sandbox.phase === "running") {
      // What a pod without its address is told when it asks again is not settled.
      if (roll < 0.75) return sandbox.robbedInLife === undefined ? this.#addAgain(sandbox) : undefined;
      if (roll < 0.9 && sandbox.phase === "running") return this.check(sandbox);
      if (sandbox.phase === "running") return this.#replace(pod, sandbox, random);
    }
    if (sandbox.phase === "deleting") return this.#delAgain(sandbox);
  }

  /** Some pods are scheduled to the node at once. */
  come(most: number): void {
    const absent = this.#pods.filter((pod) => !pod.isWanted && pod.sandbox === undefined);
    for (const pod of absent.slice(0, most)) this.#want(pod);
  }

  /** A namespace goes away without a DEL; the runtime finds out later, or never. */
  loseNamespace(random: Random): void {
    const running = [...this.running()];
    if (running.length === 0) return;
    const sandbox = random.pick(running);
    this.#world.note(`${sandbox.name} loses its namespace`);
    this.#removeNamespace(sandbox);
    sandbox.isReplaced = true;
    this.#book.ended(sandbox.name, this.#world.timeline.now);
    const pod = this.#pods.find((each) => each.sandbox === sandbox);
    if (pod !== undefined) pod.sandbox = undefined;
    if (random.chance(0.3)) sandbox.isForgotten = true;
    else this.#later(random.between(100, 60_000), `DEL of ${sandbox.name}`, () => this.#del(sandbox));
    if (pod !== undefined) this.#retryAdd(pod);
  }

  /** GC with everything that the runtime still has. */
  collect(): void {
    const valid = [...this.#sandboxes].filter((sandbox) => !sandbox.isForgotten);
    const forgotten = [...this.#sandboxes].filter((sandbox) => sandbox.isForgotten);
    this.#world.note(`GC with ${valid.length} valid`);
    void this.#host.request(gcCall(valid)).then((answer) => {
      this.#world.note(`GC answered ${answer?.exitCode ?? "nothing"}`);
      if (answer?.exitCode === 0) for (const sandbox of forgotten) this.#sandboxes.delete(sandbox);
    });
  }

  /** CHECK of a pod that runs: its wiring is complete. */
  check(sandbox: Sandbox): void {
    void this.#host.request(callFor("CHECK", sandbox)).then((answer) => {
      const isStill = sandbox.phase === "running" && !sandbox.isReplaced && sandbox.robbedInLife === undefined;
      if (answer === undefined || answer.exitCode === 0 || isTryAgain(answer) || !isStill) return;
      this.#world.report({ invariant: "wiring-check", text: `CHECK of ${sandbox.name}: ${refusalOf(answer)}` });
    });
  }

  #want(pod: Pod): void {
    pod.isWanted = true;
    if (pod.sandbox === undefined && !pod.isRetrying) this.#add(pod);
  }

  #unwant(pod: Pod, random: Random): void {
    pod.isWanted = false;
    const { sandbox } = pod;
    if (sandbox?.phase !== "running") return;
    // Some runtimes take the namespace away first.
    if (random.chance(0.3)) this.#removeNamespace(sandbox);
    this.#del(sandbox);
  }

  #add(pod: Pod): void {
    const sandbox = newSandbox(pod.name, `c${++this.#containers}`);
    pod.sandbox = sandbox;
    this.#sandboxes.add(sandbox);
    this.#world.kernel.addNamespace(sandbox.netns);
    this.#world.note(`ADD ${sandbox.name}`);
    this.#sendAdd(sandbox);
  }

  #sendAdd(sandbox: Sandbox): void {
    void this.#host.request(callFor("ADD", sandbox)).then((answer) => {
      if (sandbox.phase === "gone" || sandbox.phase === "deleting" || sandbox.isReplaced) return;
      const address = answer?.exitCode === 0 ? addressOf(answer) : undefined;
      const isFirst = sandbox.phase === "adding";
      if (address === undefined) {
        if (!isFirst) return;
        this.#world.note(`ADD ${sandbox.name} failed: ${refusalOf(answer)}`);
        return this.#del(sandbox);
      }
      this.#world.note(`ADD ${sandbox.name} has ${formatIpv4(address)}`);
      sandbox.phase = "running";
      sandbox.address = address;
      this.#world.report(this.#book.told(sandbox.name, address, this.#world.timeline.now));
      this.#world.isCloudChanged = true;
      this.#world.isKernelChanged = true;
      const pod = this.#podOf(sandbox);
      if (isFirst && pod?.isWanted !== true) this.#del(sandbox);
    });
  }

  #addAgain(sandbox: Sandbox): void {
    this.#world.note(`ADD ${sandbox.name} again`);
    this.#sendAdd(sandbox);
  }

  #delAgain(sandbox: Sandbox): void {
    this.#world.note(`DEL ${sandbox.name} again`);
    void this.#host.request(callFor("DEL", sandbox));
  }

  /** A new sandbox for a pod whose old one was not deleted: its container died, and the runtime comes to the DEL later. */
  #replace(pod: Pod, old: Sandbox, random: Random): void {
    this.#world.note(`${old.name} is replaced`);
    old.isReplaced = true;
    this.#book.ended(old.name, this.#world.timeline.now);
    this.#add(pod);
    this.#later(random.between(0, 20_000), `DEL of ${old.name}`, () => this.#del(old));
  }

  #del(sandbox: Sandbox): void {
    if (sandbox.phase === "gone") return;
    sandbox.phase = "deleting";
    this.#book.ended(sandbox.name, this.#world.timeline.now);
    this.#world.note(`DEL ${sandbox.name}`);
    void this.#host.request(callFor("DEL", sandbox, sandbox.hasNamespace ? sandbox.netns : undefined)).then((answer) => {
      if (answer?.exitCode !== 0) {
        this.#world.note(`DEL ${sandbox.name} failed: ${refusalOf(answer)}`);
        return this.#later(this.#random.between(...DEL_RETRY_MS), `DEL of ${sandbox.name}`, () => this.#del(sandbox));
      }
      this.#world.note(`DEL ${sandbox.name} done`);
      this.#gone(sandbox);
    });
  }

  #gone(sandbox: Sandbox): void {
    if (sandbox.phase === "gone") return;
    sandbox.phase = "gone";
    this.#removeNamespace(sandbox);
    this.#sandboxes.delete(sandbox);
    const pod = this.#podOf(sandbox);
    if (pod === undefined) return;
    pod.sandbox = undefined;
    if (pod.isWanted) this.#retryAdd(pod);
  }

  #retryAdd(pod: Pod): void {
    if (pod.isRetrying) return;
    pod.isRetrying = true;
    this.#later(this.#random.between(...ADD_RETRY_MS), `retry of ${pod.name}`, () => {
      pod.isRetrying = false;
      if (pod.isWanted && pod.sandbox === undefined) this.#add(pod);
    });
  }

  #removeNamespace(sandbox: Sandbox): void {
    if (!sandbox.hasNamespace) return;
    sandbox.hasNamespace = false;
    this.#world.kernel.removeNamespace(sandbox.netns);
    this.#world.isKernelChanged = true;
  }

  #podOf(sandbox: Sandbox): Pod | undefined {
    return this.#pods.find((pod) => pod.sandbox === sandbox);
  }

  #later(inMs: number, label: string, fire: () => void): void {
    this.#world.timeline.schedule(inMs, { label, fire });
  }
}
