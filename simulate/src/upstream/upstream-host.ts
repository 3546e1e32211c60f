import type { Ipv4 } from "@slash28/address";
import { parseSettings } from "@slash28/ipam";
import { Fault } from "@slash28/ports";
import { createRandom, createVirtualClock } from "@slash28/simulation";
import { Life } from "../world/life.ts";
import type { World } from "../world/world.ts";
import { sdkStandardRetry, type AwsCall } from "./sdk-retry.ts";
import { UpstreamDaemon } from "./upstream-daemon.ts";

const FIRST_RESTART_MS = 10_000;
const LAST_RESTART_MS = 300_000;

/** The VPC CNI's daemon on the machine of a simulated world: its process starts, dies, and is started again with kubelet's back-off. */
export class UpstreamHost {
  readonly #world: World;
  readonly #checkpoint: { held: ReadonlyMap<string, Ipv4> } = { held: new Map() };
  #process: { readonly life: Life; readonly daemon: UpstreamDaemon } | undefined;
  #lives = 0;
  #restartInMs = FIRST_RESTART_MS;
  #isServing = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** The daemon when it serves pods. */
  get serving(): UpstreamDaemon | undefined {
    return this.#isServing ? this.#process?.daemon : undefined;
  }

  start(): void {
    const { timeline } = this.#world;
    const life = new Life(() => this.crash());
    const daemon = this.#daemonFor(life);
    const running = { life, daemon };
    this.#process = running;
    this.#isServing = false;
    const goOn = async (): Promise<void> => {
      await daemon.start();
      this.#isServing = this.#process === running;
      await daemon.run();
    };
    goOn().catch((cause: unknown) => {
      if (life.isOver) return;
      if (!(cause instanceof Fault)) {
        this.#world.report({ invariant: "agent-bug", text: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) });
      }
      this.crash();
      timeline.schedule(this.#restartInMs, {
        label: "upstream starts again",
        isVoid: () => this.#process !== undefined,
        fire: () => this.start(),
      });
      this.#restartInMs = Math.min(LAST_RESTART_MS, this.#restartInMs * 2);
    });
  }

  /** `kill -9`. */
  crash(): void {
    this.#process?.life.end();
    this.#process = undefined;
    this.#isServing = false;
  }

  #daemonFor(life: Life): UpstreamDaemon {
    const world = this.#world;
    const { scenario, limits, side, timeline } = world;
    const { settings } = parseSettings(scenario.settings[0] ?? {});
    const clock = createVirtualClock(timeline, 0, () => life.isOver);
    const random = createRandom("upstream", scenario.seed, ++this.#lives);
    const { pool, enis } = settings;
    const call: AwsCall = sdkStandardRetry(clock, random);
    const [subnetId] = side.subnets;
    if (subnetId === undefined) throw new TypeError("the world has no subnet");
    return new UpstreamDaemon({
      ports: { clock, random, call, ec2: world.wire.portOf(life, world.ec2), metadata: world.metadata.portOf(life) },
      identity: {
        instanceId: side.instanceId,
        vpcId: side.vpcId,
        zone: "us-east-1a",
        subnetId,
        primaryEni: side.primaryEni,
        eniConfigSubnet: pool.customNetworking ? side.subnets.at(-1) : undefined,
        hasDiscovery: enis.subnetDiscovery,
      },
      facts: { settings: pool, maxEnis: limits.maxEnis, slotsPerEni: limits.ipv4PerEni - 1, maxPods: scenario.maxPods },
      checkpoint: this.#checkpoint,
    });
  }
}
