import { readFileSync } from "node:fs";
import type { Bench } from "../bench.ts";
import { residentMb } from "../memory.ts";
import { openNode } from "./node-under-bench.ts";
import { pluginCalls } from "./plugin-calls.ts";

const PODS = 250;
/** What the burst leaves to do is done by then: compiling, collecting garbage, growing the pool. */
const CALM_MS = 10_000;
const REST_MS = 60_000;
const WIDTH = 8;
/** Of proc(5): the kernel counts CPU time in hundredths of a second for programs. */
const TICKS_PER_SECOND = 100;
const AIM = { most: 0.5 } as const;

/** What the agent costs while nothing happens: 250 pods run, none comes or goes. */
export const rest: Bench = {
  name: "rest",
  about: "the agent's CPU time while 250 pods run and none comes or goes, over a minute",
  needs: "root",
  async run(context) {
    const { say } = context;
    say(`starting a node and ${PODS} pods`);
    const node = await openNode(context, { instanceType: "m5.16xlarge", pool: PODS + 5 });
    const calls = pluginCalls(node, context, PODS);
    let share = 0;
    let memoryMb = 0;
    await calls.round("shim", WIDTH, async () => {
      await sleep(CALM_MS);
      say("measuring a minute of rest");
      const before = cpuSeconds(node.agentPid);
      const started = performance.now();
      await sleep(REST_MS);
      share = (100 * 1_000 * (cpuSeconds(node.agentPid) - before)) / (performance.now() - started);
      memoryMb = residentMb(node.agentPid);
    });
    return [
      { name: `agent at rest, ${PODS} pods`, value: share, unit: "%", aim: AIM, note: "of one core, over a minute; no Kubernetes API" },
      { name: `agent at rest, ${PODS} pods, memory`, value: memoryMb, unit: "MB", note: "resident" },
    ];
  },
};

/** User and system time of a process: `utime` and `stime` of proc(5). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in brackets may hold anything; the fields start after the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
