import { meant, type ClusterFileProblem } from "../problem.ts";
import type { ClusterFile, ClusterShape } from "../schema.ts";
import { durationMs } from "../schema/duration.ts";
import { countOf } from "../schema/share.ts";

/** What a shape has wrong with itself: the field, and why. */
type Wrong = readonly [field: string, message: string];

export function workloadProblems({ nodeGroups, workload }: ClusterFile): ClusterFileProblem[] {
  const { shapes } = workload;
  const groups = nodeGroups.map(({ name }) => name);
  const runMs = durationMs(workload.duration);
  const problems: ClusterFileProblem[] = runMs > 0 ? [] : [{ path: ["workload", "duration"], message: "must be more than nothing" }];
  for (const [index, shape] of shapes.entries()) {
    const path = ["workload", "shapes", index];
    if (shapes.findIndex(({ name }) => name === shape.name) < index)
      problems.push({ path: [...path, "name"], message: `the shape ${shape.name} stands twice` });
    if (shape.nodeGroup !== undefined && !groups.includes(shape.nodeGroup))
      problems.push({
        path: [...path, "nodeGroup"],
        message: `there is no node group ${shape.nodeGroup}${meant(shape.nodeGroup, groups)}`,
      });
    for (const [field, message] of [...wrongIn(shape), ...notPositive(shape)]) problems.push({ path: [...path, field], message });
  }
  return problems;
}

function wrongIn(shape: ClusterShape): readonly Wrong[] {
  switch (shape.shape) {
    case "steady":
      return lifeProblems(shape);
    case "diurnal":
      return shape.low > shape.high ? [["low", `low (${shape.low}) is above high (${shape.high})`]] : [];
    case "deploy-waves":
      return countOf(shape.maxSurge, shape.pods, "up") + countOf(shape.maxUnavailable, shape.pods, "down") > 0 || shape.pods === 0
        ? []
        : [["maxUnavailable", "nothing could be replaced: one of maxSurge and maxUnavailable must be more than 0"]];
    case "cron-bursts":
      return durationMs(shape.jitter) > durationMs(shape.every) ? [["jitter", `is longer than every (${shape.every})`]] : [];
    case "autoscaling-storm":
      return stormProblems(shape);
    case "batch":
      return shape.parallelism > shape.completions
        ? [["parallelism", `parallelism (${shape.parallelism}) is above completions (${shape.completions})`]]
        : [];
    case "recorded":
      return recordedProblems(shape.events);
    default:
      return shape satisfies never;
  }
}

function lifeProblems({ replaced, lifetime, lifetimes }: Extract<ClusterShape, { readonly shape: "steady" }>): readonly Wrong[] {
  if (replaced === undefined) return [];
  if (lifetime !== undefined) return [["replaced", "says the same as lifetime: leave one of them away"]];
  return lifetimes === "fixed" ? [["lifetimes", "fixed lives need a lifetime, not a rate"]] : [];
}

function stormProblems(shape: Extract<ClusterShape, { readonly shape: "autoscaling-storm" }>): readonly Wrong[] {
  if (shape.from > shape.to) return [["from", `from (${shape.from}) is above to (${shape.to})`]];
  if (shape.every === undefined) return [];
  if (shape.staysFor === undefined) return [["every", "it comes again only if it ends: say staysFor"]];
  const lasts = 2 * durationMs(shape.within) + durationMs(shape.staysFor);
  return durationMs(shape.every) < lasts ? [["every", "is shorter than one storm (within, staysFor, within)"]] : [];
}

function recordedProblems(events: readonly { readonly at: string; readonly pods: number }[]): readonly Wrong[] {
  let running = 0;
  let lastMs = 0;
  for (const [index, { at, pods }] of events.entries()) {
    if (durationMs(at) < lastMs)
      return [["events", `are not in order of time: event ${index + 1} (at ${at}) is earlier than the one before`]];
    lastMs = durationMs(at);
    running += pods;
    if (running < 0) return [["events", `end more pods than run: event ${index + 1} (at ${at}) leaves ${running}`]];
  }
  return [];
}

/** Times after which something comes again must be more than nothing, or it would come for ever at once. */
function notPositive(shape: ClusterShape): readonly Wrong[] {
  const again = { every: "every" in shape ? shape.every : undefined, period: "period" in shape ? shape.period : undefined };
  const lives = { lifetime: "lifetime" in shape ? shape.lifetime : undefined, runsFor: "runsFor" in shape ? shape.runsFor : undefined };
  return Object.entries({ ...again, ...lives }).flatMap(([field, text]): Wrong[] =>
    text !== undefined && durationMs(text) === 0 ? [[field, "must be more than nothing"]] : [],
  );
}
