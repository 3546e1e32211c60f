import { cidr4Size, type Ipv4 } from "@slash28/address";
import type { Ec2 } from "@slash28/ports";
import type { Scenario, TimedEvent } from "@slash28/simulation";
import { createWorld, type World } from "../world/world.ts";
import { agentNetwork, upstreamNetwork, type AgentNetwork, type PodNetwork, type UpstreamNetwork } from "./pod-network.ts";

export interface PlayOptions {
  /** Upstream's variables. */
  readonly env: Readonly<Record<string, string>>;
  /** `m5.large` unless told: 3 ENIs of 9 usable addresses. */
  readonly instanceType?: string;
  readonly maxPods?: number;
  /** /24 unless told. */
  readonly subnetLength?: number;
  /** Of another subnet that is open to the node's ENIs; under custom networking the ENIConfig's. */
  readonly secondSubnetLength?: number;
  /** Before the node starts. */
  readonly before?: (world: World) => void;
}

interface Pod {
  readonly name: string;
  isWanted: boolean;
  container: string;
  readonly wantedAt: number;
  address?: Ipv4;
  startedAt?: number;
  /** ADDs that got no address. */
  misses: number;
}

/** How soon the runtime tries a pod again. */
const RETRY_MS = 1_000;
/** Of this seed EC2 gives the lowest free address; the world has no faults but those that a play asks for. */
const SEED = 3;

/** A node with pods in virtual time, told as a story: the same one for upstream's rules and for the agent. */
export class Play<Network extends PodNetwork = PodNetwork> {
  readonly world: World;
  readonly network: Network;
  readonly #pods = new Map<string, Pod>();
  #containers = 0;
  /** Pods that got an address. */
  starts = 0;
  /** Hears how long each waited for it, in milliseconds. */
  onStart: (waitedMs: number) => void = () => undefined;
  readonly #calls = new Map<string, number>();

  constructor(world: World, network: Network) {
    this.world = world;
    this.network = network;
    world.ec2.before = (api) => void this.#calls.set(api, this.callsOf(api) + 1);
  }

  /** Requests that reached EC2. */
  callsOf(...apis: readonly (keyof Ec2)[]): number {
    return apis.reduce((sum, api) => sum + (this.#calls.get(api) ?? 0), 0);
  }

  get calls(): number {
    return [...this.#calls.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Wants pods; each asks at once and then again until it has an address. */
  want(...names: readonly string[]): void {
    for (const name of names) {
      const pod: Pod = { name, isWanted: true, container: "", wantedAt: this.world.timeline.now, misses: 0 };
      this.#pods.set(name, pod);
      this.#tryAdd(pod);
    }
  }

  /** Ends pods; answers how long those waited in vain that never got an address, in milliseconds. */
  end(...names: readonly string[]): readonly number[] {
    const inVain: number[] = [];
    for (const name of names) {
      const pod = this.#pods.get(name);
      if (pod === undefined) continue;
      pod.isWanted = false;
      this.#pods.delete(name);
      if (pod.address === undefined) inVain.push(this.world.timeline.now - pod.wantedAt);
      else this.#tryDel(pod);
    }
    return inVain;
  }

  /** The address of a pod that runs. */
  addressOf(name: string): Ipv4 | undefined {
    return this.#pods.get(name)?.address;
  }

  /** The pods that run. */
  get running(): readonly string[] {
    return [...this.#pods.values()].filter((pod) => pod.address !== undefined).map(({ name }) => name);
  }

  get waiting(): readonly string[] {
    return [...this.#pods.values()].filter((pod) => pod.address === undefined).map(({ name }) => name);
  }

  /** How long pods that run waited for their address, in milliseconds. */
  get waitedMs(): readonly number[] {
    return [...this.#pods.values()].flatMap(({ startedAt, wantedAt }) => (startedAt === undefined ? [] : [startedAt - wantedAt]));
  }

  /** Addresses that EC2 has on the node's ENIs beside the primary ones. */
  get atEc2(): number {
    const sizes = this.world.side
      .ownEnis()
      .map((eni) => eni.secondaryAddresses.length + eni.prefixes.reduce((sum, prefix) => sum + cidr4Size(prefix), 0));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Kills the process and starts it again. */
  async restart(afterMs = 1_000): Promise<void> {
    this.network.crash();
    await this.pass(afterMs);
    await this.network.start();
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    const { timeline } = this.world;
    const mark: TimedEvent = { label: "the play goes on", fire: () => undefined };
    timeline.schedule(ms, mark);
    await settled();
    for (let event = timeline.advance(); event !== mark; event = timeline.advance()) {
      event?.fire();
      await settled();
    }
    if (this.world.violation !== undefined) throw new Error(this.world.violation.text);
  }

  /** Lets time pass until something is so; throws when it never is. */
  async until(what: string, isSo: () => boolean, withinMs = 600_000): Promise<void> {
    for (let left = withinMs; !isSo(); left -= 100) {
      if (left <= 0) throw new Error(`${what} did not come about within ${withinMs / 1_000} s`);
      await this.pass(100);
    }
  }

  #tryAdd(pod: Pod): void {
    pod.container = `c${++this.#containers}`;
    void this.network.add(pod.name, pod.container).then((address) => {
      if (!pod.isWanted) return this.#tryDel(pod);
      if (address === undefined) {
        pod.misses++;
        return this.world.timeline.schedule(RETRY_MS, {
          label: `${pod.name} again`,
          isVoid: () => !pod.isWanted,
          fire: () => this.#tryAdd(pod),
        });
      }
      pod.address = address;
      pod.startedAt = this.world.timeline.now;
      this.starts++;
      this.onStart(pod.startedAt - pod.wantedAt);
    });
  }

  #tryDel({ name, container }: Pod): void {
    void this.network.del(name, container).then((isDone) => {
      if (!isDone)
        this.world.timeline.schedule(RETRY_MS, { label: `DEL of ${name}`, fire: () => this.#tryDel({ name, container } as Pod) });
    });
  }
}

/** Opens a play by upstream's rules: its node starts, and a minute passes. */
export function playUpstream(options: PlayOptions): Promise<Play<UpstreamNetwork>> {
  return open(options, upstreamNetwork);
}

/** Opens the same play with the agent. */
export function playAgent(options: PlayOptions): Promise<Play<AgentNetwork>> {
  return open(options, agentNetwork);
}

async function open<Network extends PodNetwork>(options: PlayOptions, networkOf: (world: World) => Network): Promise<Play<Network>> {
  const world = await createWorld(scenarioFor(options), undefined);
  options.before?.(world);
  const play = new Play(world, networkOf(world));
  await play.network.start();
  await play.pass(60_000);
  return play;
}

function scenarioFor({ env, instanceType = "m5.large", maxPods = 29, subnetLength = 24, secondSubnetLength }: PlayOptions): Scenario {
  return {
    seed: SEED,
    instanceType,
    settings: [env],
    cooldownMs: Number(env["IP_COOLDOWN_PERIOD"] ?? 30) * 1_000,
    subnetLength,
    ...(secondSubnetLength === undefined ? {} : { secondSubnetLength }),
    maxPods,
    pods: 0,
    metadataLagMs: 500,
    podShare: 0,
    faultShare: 0,
    faults: [],
  };
}

/** Lets everything that is ready run. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
