import { createRandom, type Random } from "@slash28/simulation";
import { playAgent, playUpstream, type Play, type PlayOptions } from "./play.ts";

/** How pods come and go on a node: the same trace for whoever runs it. */
export type TraceName = "steady churn" | "deploy waves" | "short jobs";

/** A pod's coming or going, in milliseconds from the begin. */
interface TraceStep {
  readonly at: number;
  readonly kind: "comes" | "goes";
  readonly pod: string;
}

export interface ChurnResult {
  /** Pods that got an address. */
  readonly starts: number;
  /** Requests to EC2 meanwhile. */
  readonly calls: number;
  /** How long pods waited for their address, in milliseconds; those that never got one waited to the end. */
  readonly waitedMs: readonly number[];
  /** Addresses held at EC2 beside those of running pods, on average. */
  readonly idleAddresses: number;
}

const HOUR_MS = 3_600_000;

/** Thirty pods on a node of 58, one replaced every 8 s; the whole node replaced every 6 minutes; or twenty jobs at once that run half a minute. */
const TRACES: Readonly<Record<TraceName, (random: Random) => readonly TraceStep[]>> = {
  "steady churn": (random) => podsOver(random, { perWave: 1, everyMs: 8_000, livesMs: [120_000, 360_000] }),
  "deploy waves": (random) => podsOver(random, { perWave: 40, everyMs: 360_000, livesMs: [300_000, 350_000] }),
  "short jobs": (random) => podsOver(random, { perWave: 20, everyMs: 60_000, livesMs: [10_000, 30_000] }),
};

export const TRACE_NAMES: readonly TraceName[] = ["steady churn", "deploy waves", "short jobs"];

/** Lets an hour of a trace happen on a c5.xlarge (4 ENIs of 14 usable slots, 58 pods). */
export async function churn(who: "slash28" | "upstream", trace: TraceName, env: PlayOptions["env"]): Promise<ChurnResult> {
  const options: PlayOptions = { env, instanceType: "c5.xlarge", maxPods: 58, subnetLength: 20 };
  const play: Play = who === "slash28" ? await playAgent(options) : await playUpstream(options);
  const before = play.calls;
  const waitedMs: number[] = [];
  const startedAt = play.world.timeline.now;
  let idle = 0;
  let looks = 0;
  play.onStart = (ms) => waitedMs.push(ms);
  for (const { at, kind, pod } of TRACES[trace](createRandom("trace", trace))) {
    await play.pass(Math.max(0, startedAt + at - play.world.timeline.now));
    if (kind === "comes") play.want(pod);
    else waitedMs.push(...play.end(pod));
    idle += play.atEc2 - play.running.length;
    looks++;
  }
  return { starts: play.starts, calls: play.calls - before, waitedMs, idleAddresses: idle / looks };
}

interface Waves {
  readonly perWave: number;
  readonly everyMs: number;
  readonly livesMs: readonly [number, number];
}

function podsOver(random: Random, { perWave, everyMs, livesMs: [least, most] }: Waves): readonly TraceStep[] {
  const steps: TraceStep[] = [];
  for (let wave = 0; wave * everyMs < HOUR_MS; wave++) {
    for (let n = 0; n < perWave; n++) {
      const pod = `pod-${wave}-${n}`;
      const at = wave * everyMs + random.between(0, 500);
      steps.push({ at, kind: "comes", pod }, { at: at + random.between(least, most), kind: "goes", pod });
    }
  }
  return steps.filter(({ at }) => at < HOUR_MS).toSorted((a, b) => a.at - b.at);
}
