import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Bench } from "../bench.ts";
import type { Figure } from "../figures/figure.ts";
import { mean, percentile, spread } from "../figures/percentiles.ts";
import { residentMb } from "../memory.ts";
import { meanStepMs, partsOf, readSteps, type StepSums } from "./agent-steps.ts";
import { COOLDOWN_SECONDS, openNode, type NodeUnderBench } from "./node-under-bench.ts";
import { pluginCalls, PODS, type Round } from "./plugin-calls.ts";

const ROUNDS = 3;
const WIDTH = 16;
const IDLE_MS = 5_000;
const AIMS = { p50: { most: 5 }, p99: { most: 25 } } as const;
const MEMORY_AIM = { most: 90 } as const;

/** Milliseconds of calls of the plugin that set no pod up. */
interface Probes {
  readonly version: number[];
  readonly status: number[];
}

/** The whole way of a pod's network, as shipped: runtime, plugin process, socket, agent process, journal, kernel. */
export const cni: Bench = {
  name: "cni",
  about: "ADD and DEL of 110 pods through the plugin and an agent process; Node per call as baseline; the agent's memory",
  needs: "root",
  async run(context) {
    const { say } = context;
    say("starting a node and its agent");
    const node = await openNode(context);
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const idleMb = residentMb(node.agentPid);
    const calls = pluginCalls(node, context);
    say("calling the plugin, one pod at a time");
    const before = await readMetrics(node);
    let fullMb = 0;
    const single: Round[] = [];
    const probes: Probes = { version: [], status: [] };
    for (let round = 0; round < ROUNDS; round++) {
      single.push(await calls.round("shim", 1, async () => void (fullMb = residentMb(node.agentPid))));
      // In between, so that whatever else the machine does slows all of them.
      probes.version.push(...(await calls.probe("VERSION")));
      probes.status.push(...(await calls.probe("STATUS")));
    }
    const parts = addParts(single, probes, before, await readMetrics(node));
    say(`calling the plugin, ${WIDTH} pods at once`);
    const wide: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) wide.push(await calls.round("shim", WIDTH));
    say("calling a Node plugin for comparison");
    const nodeSingle = await calls.round("node", 1);
    const nodeWide = await calls.round("node", WIDTH);
    return [
      ...figuresOf("one at a time", single, `${ROUNDS} rounds of ${PODS} pods, the agent's first calls included`),
      ...parts,
      ...figuresOf(`${WIDTH} at once`, wide, `${ROUNDS} rounds of ${PODS} pods; each waits for those before it`),
      {
        name: `${PODS} ADDs, ${WIDTH} at once`,
        value: percentile(
          wide.map((round) => round.allAddedMs),
          0.5,
        ),
        unit: "ms",
        note: `median of ${ROUNDS} rounds`,
      },
      ...baselineOf("one at a time", nodeSingle),
      ...baselineOf(`${WIDTH} at once`, nodeWide),
      { name: "agent, idle", value: idleMb, unit: "MB", aim: MEMORY_AIM, note: "resident; pool warm, no pods, no Kubernetes API" },
      { name: `agent, ${PODS} pods`, value: fullMb, unit: "MB", note: "resident; after a burst of ADDs" },
    ];
  },
};

function figuresOf(how: string, done: readonly Round[], note: string): readonly Figure[] {
  const aims = how === "one at a time" ? { aims: AIMS } : {};
  return [
    ...spread(
      `ADD, ${how},`,
      done.flatMap((round) => round.add),
      { note, ...aims },
    ),
    ...spread(
      `DEL, ${how},`,
      done.flatMap((round) => round.del),
      { note: `addresses rest ${COOLDOWN_SECONDS} s here` },
    ),
  ];
}

function baselineOf(how: string, { add, del }: Round): readonly Figure[] {
  const note = "baseline: `node aws-cni.mjs` per call, same agent";
  return [...spread(`ADD by Node, ${how},`, add, { note }), ...spread(`DEL by Node, ${how},`, del)];
}

/** Where the time of an ADD goes, in means: the plugin asked two simpler things, and the agent's own measure of its steps. */
function addParts(single: readonly Round[], { version, status }: Probes, before: StepSums, after: StepSums): readonly Figure[] {
  const times = {
    total: mean(single.flatMap((round) => round.add)),
    bare: mean(version),
    asking: mean(status),
    wire: meanStepMs(before, after, "wire"),
    wireAndJournal: meanStepMs(before, after, "wire_and_journal"),
  };
  const how: Readonly<Record<string, string>> = {
    "starting the plugin": "plugin asked for VERSION",
    IPC: "plugin asked for STATUS, less VERSION",
    netlink: "the agent's own measure",
    journal: "the agent's own measure: what is left to wait for after netlink",
    "the rest": "the agent's request, pool and log; the runtime's result cache",
  };
  return partsOf(times).map(({ name, ms, share }) => ({
    name: `share of ADD: ${name}`,
    value: share,
    unit: "%",
    note: `${ms.toFixed(2)} of ${times.total.toFixed(2)} ms on average; ${how[name] ?? ""}`,
  }));
}

/** The agent's metrics, asked for where it listens: inside the node. */
async function readMetrics({ netns }: NodeUnderBench): Promise<StepSums> {
  const args = [`--net=${netns}`, "curl", "--silent", "--show-error", "--fail", "--max-time", "5", "http://127.0.0.1:61678/metrics"];
  const { stdout } = await promisify(execFile)("nsenter", args, { maxBuffer: 16 << 20 });
  return readSteps(stdout);
}
