import type { SeriesRow } from "../fleet-result.ts";
import type { World } from "../world.ts";

/** Steps that people read well. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
const ROWS_MAX = 300;

/** The time series of a run: a row at equal steps, at most three hundred or so, and each subnet's map when it was fullest. */
export class Series {
  readonly stepMs: number;
  readonly #world: World;
  readonly #rows: SeriesRow[] = [];
  #nextAt = 0;

  constructor(world: World) {
    this.#world = world;
    const seconds = world.input.durationMs / 1_000;
    const step = STEPS_S.find((each) => seconds / each <= ROWS_MAX) ?? Math.ceil(seconds / ROWS_MAX);
    this.stepMs = step * 1_000;
  }

  get rows(): readonly SeriesRow[] {
    return this.#rows;
  }

  /** When the next row is due: after all that happens until then. */
  get nextAt(): number {
    return this.#nextAt;
  }

  add(): void {
    const { figures, ec2, network, scheduler } = this.#world;
    const at = this.#nextAt;
    figures.settle(at);
    this.#rows.push({
      atSeconds: at / 1_000,
      nodes: figures.nodes.value,
      podsRunning: figures.podsRunning.value,
      podsWaiting: figures.podsWaiting + scheduler.pendingCount,
      ec2Calls: ec2.total,
      ec2Throttled: ec2.throttled,
      subnets: network.subnets.map(({ used, holdings: { held, assigned, cooling } }) => ({
        used: used.value,
        held: held.value,
        assigned: assigned.value,
        cooling: cooling.value,
      })),
    });
    for (const subnet of network.subnets) {
      if (subnet.used.value <= subnet.peakMapUsed) continue;
      subnet.peakMapUsed = subnet.used.value;
      subnet.peakMapAt = at;
      subnet.peakMap = subnet.map.draw();
    }
    this.#nextAt = at + this.stepMs;
  }
}
