import { fork } from "node:child_process";
import { createFleet } from "@slash28/fleet";
import { fleetDay, type FleetDay } from "./fleet-day.ts";

/** What a simulated day took, and what came of it. */
export interface PlayedDay {
  /** Processor time of the whole process, its collector's threads among it: another process's work counts little. */
  readonly cpuSeconds: number;
  /** The most resident memory. */
  readonly peakMb: number;
  /** Starts and ends of pods. */
  readonly podEvents: number;
  readonly ec2Calls: number;
  readonly podsNeverStarted: number;
}

const DAY = "SLASH28_BENCH_FLEET_DAY";
const MICROSECONDS = 1e6;
const KIB = 1_024;
const HOUR_MS = 3_600_000;

/** As `slash28 simulate` has it for fleets that are large. */
const LARGE_NEW_SPACE = ["--min-semi-space-size=64", "--max-semi-space-size=64"];

/** Plays a day in a process of its own: memory and time are the simulation's alone. */
export function playApart(program: string, day: FleetDay, heapMb: number): Promise<PlayedDay> {
  const execArgv = [`--max-old-space-size=${heapMb}`, ...LARGE_NEW_SPACE];
  const child = fork(program, [], { execArgv, env: { ...process.env, [DAY]: JSON.stringify(day) } });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`a simulated day ended with ${code}`)));
    child.once("message", (played) => resolve(played as PlayedDay));
  });
}

/** The day that this process was started to play. */
export function dayOf(env: NodeJS.ProcessEnv): FleetDay | undefined {
  const text = env[DAY];
  return text === undefined ? undefined : (JSON.parse(text) as FleetDay);
}

/** Plays it, tells the parent, and ends. */
export function playDay(day: FleetDay): void {
  process.send?.(play(day), undefined, undefined, () => process.exit(0));
}

export function play(day: FleetDay): PlayedDay {
  const before = process.cpuUsage();
  const fleet = createFleet(fleetDay(day));
  for (let at = HOUR_MS; !fleet.isOver; at += HOUR_MS) fleet.advance(at);
  const { summary } = fleet.result();
  const { user, system } = process.cpuUsage(before);
  return {
    cpuSeconds: (user + system) / MICROSECONDS,
    peakMb: (process.resourceUsage().maxRSS * KIB) / 1e6,
    podEvents: 2 * summary.podsStarted - fleet.progress().podsRunning,
    ec2Calls: summary.ec2Calls.total,
    podsNeverStarted: summary.podsNeverStarted,
  };
}
