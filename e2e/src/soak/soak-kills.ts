import { createRandom } from "@slash28/simulation";
import { disagreements } from "../address-books.ts";
import { agentPids } from "../agent-process.ts";
import { labUnderTest, type LabUnderTest } from "../lab-under-test.ts";
import { instanceNamespace, readBooks, strayEnis } from "../read-books.ts";
import { eventually } from "../run.ts";
import { workloadsOf } from "../workloads.ts";
import { killAgents, type SoakNode } from "./kill-agents.ts";
import { watchKernels } from "./kernel-watch.ts";
import { PodBook } from "./pod-book.ts";
import { soakCluster, splitDaemonSet, WARM_IPS, PREFIXES } from "./soak-cluster.ts";
import { Tally, type SoakReport } from "./tally.ts";
import { startWorkload } from "./workload.ts";

export interface SoakOptions {
  readonly kills: number;
  readonly nodes: number;
  readonly seed: number;
  /** Ends the kills early; what was done by then is checked and told all the same. */
  readonly stop: AbortSignal;
  /** Leaves everything as it is, takes the lab down, and rejects. */
  readonly leave: AbortSignal;
  readonly onStep: (step: string) => void;
  /** Told every few seconds while agents are killed. */
  readonly onProgress: (report: SoakReport) => void;
}

const PROGRESS_EVERY_MS = 5_000;
/** What nobody needs is gone within this after the last kill: cooldowns, shrinking pools, and the wait for EC2 to settle. */
const QUIET_WITHIN_MS = 120_000;
const PREFIX_ADDRESSES = 16;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Kills agents of a lab of its own, over and over, while pods come, go and talk; then lets it come to rest and compares what the API server,
 * the agents, EC2 and the kernel say. The lab is taken down whatever happens.
 */
export async function soakKills(options: SoakOptions): Promise<SoakReport> {
  const lab = labUnderTest();
  try {
    options.onStep(`bringing up a lab of ${options.nodes} nodes`);
    await lab.up({ cluster: soakCluster(options.nodes), args: ["--seed", String(options.seed)] });
    return await Promise.race([soak(lab, options), left(options.leave)]);
  } finally {
    options.onStep("taking the lab down");
    await lab.down();
  }
}

function left(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("left without a check")), { once: true }));
}

async function soak(lab: LabUnderTest, options: SoakOptions): Promise<SoakReport> {
  const { kills, seed, stop, onStep, onProgress } = options;
  const workloads = workloadsOf(lab);
  await splitDaemonSet(lab, workloads);
  const nodes = await nodesOf(lab);
  const tally = new Tally(Date.now);
  const book = new PodBook();
  let isDone = false;
  const isOver = (): boolean => isDone || stop.aborted;
  const parts = { lab, nodes, workloads, book, tally, isOver, sleep };
  const workload = await startWorkload({ ...parts, random: createRandom(seed, "pods") });
  onStep(`killing agents ${kills} times`);
  const progress = setInterval(() => onProgress(tally.report(seed, book.seen)), PROGRESS_EVERY_MS);
  try {
    const killing = killAgents({ ...parts, kills, random: createRandom(seed, "kills"), now: Date.now }).finally(() => (isDone = true));
    const watching = watchKernels({ ...parts, namespaces: nodes.map((node) => node.namespace) });
    await Promise.all([killing, watching, workload.churn()]);
    onStep("letting the pods that come and go end");
    await workload.calm();
  } catch (cause) {
    tally.found("other", cause instanceof Error ? cause.message : String(cause));
  } finally {
    isDone = true;
    clearInterval(progress);
    await workload.stop();
  }
  onStep("comparing the books");
  await killOnceMore(nodes);
  for (const sentence of await whatDisagrees(lab, nodes))
    tally.found(/two (pods|ENIs) have/.test(sentence) ? "doubles" : "leaks", sentence);
  return tally.report(seed, book.seen);
}

async function nodesOf(lab: LabUnderTest): Promise<readonly SoakNode[]> {
  const { items } = JSON.parse(await lab.kubectl(["get", "nodes", "-o", "json"])) as {
    items: { metadata: { name: string; labels: Record<string, string> } }[];
  };
  const groups = new Map(items.map(({ metadata }) => [metadata.name, metadata.labels["eks.amazonaws.com/nodegroup"] ?? ""]));
  return (await lab.status()).nodes.map(({ name, instanceId }) => ({
    name,
    instanceId,
    namespace: instanceNamespace(lab, instanceId),
    group: groups.get(name) ?? "",
  }));
}

/** All agents at once: what they say afterwards is what their journals kept. */
async function killOnceMore(nodes: readonly SoakNode[]): Promise<void> {
  const namespaces = nodes.map((node) => node.namespace);
  const before = agentPids(namespaces);
  for (const pid of before.values()) process.kill(pid, "SIGKILL");
  await eventually("every agent to be back", async () => {
    const now = agentPids(namespaces);
    return namespaces.every((namespace) => now.has(namespace) && now.get(namespace) !== before.get(namespace));
  });
}

/** What is still wrong when it has been quiet for long enough. */
async function whatDisagrees(lab: LabUnderTest, nodes: readonly SoakNode[]): Promise<readonly string[]> {
  let found: readonly string[] = [];
  const isQuiet = async (): Promise<boolean> => {
    found = [...disagreements(await readBooks(lab)), ...(await strayEnis(lab)), ...(await heldTooMuch(lab, nodes))];
    return found.length === 0;
  };
  await eventually("quiet", isQuiet, QUIET_WITHIN_MS).catch((cause: unknown) => {
    if (found.length === 0) found = [String(cause)];
  });
  return found;
}

/** A quiet node holds what its pods have and its settings ask for beyond that; anything more is lost to others. */
async function heldTooMuch(lab: LabUnderTest, nodes: readonly SoakNode[]): Promise<readonly string[]> {
  const groups = new Map(nodes.map((node) => [node.name, node.group]));
  return (await lab.status()).nodes.flatMap(({ name, addresses: { held, assigned } }) => {
    const asked = groups.get(name) === PREFIXES ? (Math.ceil(assigned / PREFIX_ADDRESSES) + 1) * PREFIX_ADDRESSES : assigned + WARM_IPS;
    return held > asked ? [`${name} holds ${held} addresses for ${assigned} pods; its settings ask for ${asked}`] : [];
  });
}
