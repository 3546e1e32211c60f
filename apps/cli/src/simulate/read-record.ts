import { readFileSync } from "node:fs";
import { readCountsCsv, readPodsJson, type Workload } from "@slash28/fleet";
import { usageError } from "../output/index.ts";
import { countOf } from "./quantities.ts";

/** What a record tells of the pods of a cluster. */
export interface PodRecord {
  readonly workload: Workload;
  readonly durationMs: number;
  readonly daemonPods?: number;
  readonly hostNetworkPods?: number;
  /** What is in it and takes no part. */
  readonly notes: readonly string[];
}

const PROBLEMS_SHOWN = 10;

/** Reads `kubectl get pods -A -o json`, or lines of time,+/-,count: by the first letter of the text, whatever the file is called. */
export function readPodRecord(path: string): PodRecord {
  const text = textOf(path);
  return /^\uFEFF?\s*[{[]/.test(text) ? fromJson(text, path) : fromCsv(text, path);
}

function fromJson(text: string, path: string): PodRecord {
  const read = readPodsJson(jsonOf(text, path));
  if (!read.ok) throw usageError(listed(read.problems.map((problem) => `--pods ${path}: ${problem.path}: ${problem.message}`)));
  const { workload, durationMs, daemonPods, hostNetworkPods, leftOut } = read;
  const parts = [
    ...(leftOut.ofDaemonSets > 0 ? [`${countOf(leftOut.ofDaemonSets, "pod")} of DaemonSets (taken as ${daemonPods} a node)`] : []),
    ...(leftOut.onHostNetwork > 0 ? [`${countOf(leftOut.onHostNetwork, "pod")} on the host's network`] : []),
    ...(leftOut.onFargate > 0 ? [`${countOf(leftOut.onFargate, "pod")} on Fargate`] : []),
  ];
  const notes = parts.length === 0 ? [] : [`${path}: ${countOf(workload.pods.length, "pod")}; not among them: ${parts.join(", ")}`];
  return { workload, durationMs, daemonPods, hostNetworkPods, notes };
}

function fromCsv(text: string, path: string): PodRecord {
  const read = readCountsCsv(text);
  if (!read.ok) throw usageError(listed(read.problems.map(({ line, message }) => `--pods ${path}:${line}: ${message}`)));
  return { workload: read.workload, durationMs: read.durationMs, notes: [] };
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
  } catch (cause) {
    throw usageError(`--pods ${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "there is no such file" : String(cause);
    throw usageError(`cannot read --pods ${path}: ${reason}`);
  }
}

function listed(problems: readonly string[]): string {
  const more = problems.length - PROBLEMS_SHOWN;
  return [...problems.slice(0, PROBLEMS_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
