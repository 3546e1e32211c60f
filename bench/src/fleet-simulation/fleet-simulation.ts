import type { Bench, BenchContext } from "../bench.ts";
import type { Figure } from "../figures/figure.ts";
import type { FleetDay } from "./fleet-day.ts";
import { linearFit } from "./linear-fit.ts";
import { playApart, type PlayedDay } from "./play-day.ts";

/** EKS's own advice for clusters that large. */
const PREFIXES = { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" };
const NODES = 5_000;
const EVENTS_PER_NODE = 200;
const SIZES = [NODES / 8, NODES / 4, NODES / 2, NODES];
const MILLION = 1e6;
/** 1 GiB, and 8, in MB. */
const GIB = 1_073.7;

const LARGE: FleetDay = { nodes: 100_000, podEvents: 10 * MILLION, env: PREFIXES, throttling: false };

/** A day of fleets of several sizes, each in a process of its own, and the line through what they took. */
export const fleetSimulation: Bench = {
  name: "fleet-simulation",
  about: "core/fleet: a day of 5,000 nodes and a million pod events, and of smaller fleets; with the default settings, too",
  needs: "nothing",
  async run(context) {
    const days: PlayedDay[] = [];
    for (const nodes of SIZES) {
      days.push(await played(context, { nodes, podEvents: nodes * EVENTS_PER_NODE, env: PREFIXES, throttling: false }));
    }
    const whole = days.at(-1);
    if (whole === undefined) throw new Error("no day was played");
    const { slope, intercept, r2 } = linearFit(days.map(({ podEvents, cpuSeconds }) => ({ x: podEvents / MILLION, y: cpuSeconds })));
    const each = days.map(({ cpuSeconds }, index) => `${cpuSeconds.toFixed(1)} s for ${SIZES[index]} nodes`).join(", ");
    const nodes = NODES / 4;
    const defaults = await played(context, { nodes, podEvents: nodes * EVENTS_PER_NODE, env: {}, throttling: true });
    return [
      ...figuresOf("5,000 nodes × 24 h", whole, { seconds: 20, mb: GIB }),
      {
        name: "per million pod events",
        value: slope,
        unit: "s",
        note: `linear fit, R² ${r2.toFixed(4)}, ${intercept.toFixed(1)} s at none: ${each}`,
      },
      ...figuresOf("1,250 nodes with WARM_ENI_TARGET=1 and EC2's token buckets", defaults),
    ];
  },
};

/** Minutes long: runs only when it is asked for. */
export const fleetSimulationLarge: Bench = {
  name: "fleet-simulation-large",
  about: "core/fleet: a day of 100,000 nodes and ten million pod events",
  needs: "nothing",
  isLong: true,
  async run(context) {
    return figuresOf("100,000 nodes × 24 h", await played(context, LARGE), { seconds: 300, mb: 8 * GIB });
  },
};

async function played({ say, program }: BenchContext, day: FleetDay): Promise<PlayedDay> {
  say(`playing a day of ${day.nodes} nodes`);
  const result = await playApart(program, day, 8 * 1_024);
  if (result.podsNeverStarted > 0) throw new Error(`${result.podsNeverStarted} pods of ${day.nodes} nodes never started`);
  return result;
}

function figuresOf(what: string, day: PlayedDay, aim?: { readonly seconds: number; readonly mb: number }): readonly Figure[] {
  const note = `${day.podEvents.toLocaleString("en")} pod events, ${day.ec2Calls.toLocaleString("en")} EC2 calls; processor time, one process`;
  return [
    { name: what, value: day.cpuSeconds, unit: "s", note, ...(aim === undefined ? {} : { aim: { most: aim.seconds } }) },
    {
      name: `${what}: memory`,
      value: day.peakMb,
      unit: "MB",
      ...(aim === undefined ? {} : { aim: { most: aim.mb } }),
      note: "the most that was resident",
    },
  ];
}
