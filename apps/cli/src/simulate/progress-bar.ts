import type { FleetProgress } from "@slash28/fleet";
import cliProgress from "cli-progress";
import { countText, spanText } from "./quantities.ts";

/** How far all runs are together, on stderr; nothing where nobody watches. */
export interface RunsProgress {
  readonly tell: (run: number, progress: FleetProgress) => void;
  readonly end: () => void;
}

/** Nothing is shown of work that is over sooner. */
const QUIET_MS = 1_000;
const PARTS = 10_000;
const FORMAT = "{bar} {percentage} %  {what}{left}";
/** What is left is not told before this share: a fleet's first seconds, in which all nodes start, say nothing of the hours after. */
const TELLS_FROM_SHARE = 0.02;

export function runsProgress(runs: number, stream: NodeJS.WriteStream | undefined, now = (): number => performance.now()): RunsProgress {
  if (stream === undefined) return { tell: () => undefined, end: () => undefined };
  const shares = new Map<number, number>();
  const began = now();
  // Its own handling of signals would end the process before what is done so far is told.
  const bar = new cliProgress.SingleBar(
    { format: FORMAT, stream, clearOnComplete: true, hideCursor: true, gracefulExit: false, barsize: 24, fps: 5 },
    cliProgress.Presets.shades_classic,
  );
  return {
    tell: (run, progress) => {
      shares.set(run, progress.nowMs / progress.durationMs);
      const share = [...shares.values()].reduce((sum, each) => sum + each, 0) / runs;
      const what = runs === 1 ? runText(progress) : `${finished(shares)} of ${runs} runs`;
      const left = leftText(share, now() - began);
      if (bar.isActive) bar.update(Math.floor(share * PARTS), { what, left });
      else if (now() - began >= QUIET_MS) bar.start(PARTS, Math.floor(share * PARTS), { what, left });
    },
    end: () => {
      if (bar.isActive) bar.stop();
    },
  };
}

/** How long the rest takes if it goes on as it did on the whole. */
function leftText(share: number, tookMs: number): string {
  if (share < TELLS_FROM_SHARE) return "";
  return `, about ${spanText(Math.ceil((tookMs * (1 - share)) / share / 1_000))} left`;
}

function finished(shares: ReadonlyMap<number, number>): number {
  return [...shares.values()].filter((share) => share >= 1).length;
}

function runText({ nowMs, durationMs, nodes, podsRunning }: FleetProgress): string {
  return `${spanText(nowMs / 1_000)} of ${spanText(durationMs / 1_000)}, ${countText(nodes)} nodes, ${countText(podsRunning)} pods`;
}
