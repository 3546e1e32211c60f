import type { EniId } from "@slash28/address";
import { Fault, type Metadata, type MetadataEni } from "@slash28/ports";
import { createRandom, type Random, type Timeline } from "@slash28/simulation";
import type { FaultWindows } from "./fault-windows.ts";
import { forever, type Life } from "./life.ts";

export interface MetadataSideOptions {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly windows: FaultWindows;
  /** Without lag and without faults. */
  readonly truth: Metadata;
  readonly lagMs: number;
}

/** The instance metadata service: it trails EC2, sometimes by most of a minute, and sometimes does not answer. */
export class MetadataSide {
  readonly #options: MetadataSideOptions;
  readonly #random: Random;
  #shown: readonly MetadataEni[] = [];
  #isOld = true;
  /** ENIs that it leaves out, each until a time. */
  readonly #hidden = new Map<EniId, number>();

  constructor(options: MetadataSideOptions) {
    this.#options = options;
    this.#random = createRandom("metadata", options.seed);
  }

  /** EC2 changed; that shows after the service's lag. */
  changed(): void {
    if (this.#isOld) return;
    this.#isOld = true;
    this.#refreshLater(this.#options.lagMs);
  }

  /** Takes what is true now. */
  async refresh(): Promise<void> {
    this.#isOld = false;
    this.#shown = await this.#options.truth.enis();
  }

  /** Leaves an attached ENI out of its answers for a while. */
  hide(eniId: EniId, forMs: number): void {
    this.#hidden.set(eniId, this.#options.timeline.now + forMs);
  }

  portOf(life: Life): Metadata {
    const { truth, timeline } = this.#options;
    const isShown = ({ id }: MetadataEni): boolean => (this.#hidden.get(id) ?? 0) <= timeline.now;
    return {
      identity: () => this.#answer(life, () => truth.identity()),
      enis: () => this.#answer(life, async () => this.#shown.filter(isShown)),
      vpcCidrs: () => this.#answer(life, () => truth.vpcCidrs()),
    };
  }

  #refreshLater(inMs: number): void {
    const { timeline, windows } = this.#options;
    const fire = (): void => {
      if (windows.isOpen("metadata-stale")) this.#refreshLater(1_000);
      else void this.refresh();
    };
    timeline.schedule(inMs, { label: "metadata refreshed", fire });
  }

  #answer<T>(life: Life, work: () => Promise<T>): Promise<T> {
    if (!life.livesOn()) return forever();
    const { timeline, windows } = this.#options;
    const isAway = windows.isOpen("metadata-away");
    return new Promise((resolve, reject) => {
      timeline.schedule(isAway ? 1_000 : this.#random.between(1, 8), {
        label: isAway ? "metadata fails" : "metadata answers",
        isVoid: () => life.isOver,
        fire: () => {
          if (isAway) reject(new Fault("METADATA_UNREACHABLE", { path: "network/interfaces/macs", detail: "no answer" }));
          else work().then(resolve, reject);
        },
      });
    });
  }
}
