import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DemandMemory, encodeDemand } from "@slash28/ipam";
import { createFileJournal } from "@slash28/linux";
import { eventually } from "@slash28/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { addressOf, anAgentNode, type AgentNode } from "./agent-node.ts";

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("not root: the adaptive policy is not tested with a real agent");

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const PODS = ["a", "b", "c", "d"];

let node: AgentNode | undefined;
afterEach(async () => {
  await node?.close();
  node = undefined;
});

interface WarmTargets {
  readonly freeTarget: number;
  readonly because: string;
  readonly forecast: {
    readonly state: string;
    readonly situation: string;
    readonly pods: { readonly came: number; readonly waited: number };
  };
}

function demandFile(of: AgentNode): string {
  return join(of.folder, "ipam.demand");
}

/** What an agent would have learned by now of a node with four pods at once every half an hour, the last of them at a time. */
async function remember(of: AgentNode, last: number): Promise<void> {
  const memory = new DemandMemory();
  for (let burst = 11; burst >= 0; burst--)
    for (const pod of PODS) memory.asked(`${burst}-${pod}`, true, PODS.indexOf(pod) + 1, last - burst * 30 * MINUTE + PODS.indexOf(pod));
  const now = Date.now();
  const file = createFileJournal(demandFile(of));
  await file.rewrite([encodeDemand(memory.seen(now), of.instanceId, now)]);
  await file.close();
}

function told(by: AgentNode): WarmTargets {
  return JSON.parse(by.run("", "curl", "-s", "http://127.0.0.1:61679/v1/warm-targets")) as WarmTargets;
}

async function free(of: AgentNode): Promise<number> {
  return (JSON.parse(await of.ask("/pool")) as { free: number }).free;
}

describe.runIf(isRoot)("the adaptive policy in an agent process", () => {
  test("a node that nobody knows is kept at the static targets, and says so", async () => {
    node = await anAgentNode({ env: { SLASH28_WARM_POLICY: "adaptive" } });
    const { start } = node;
    await start();
    await eventually("an ENI's worth to be free", async () => (await free(node!)) === 9);
    expect(told(node)).toMatchObject({ freeTarget: 9, because: "learning" });
    expect(node.run("", "curl", "-s", "http://127.0.0.1:61678/metrics")).toContain('slash28_warm_target_addresses{why="learning"} 9');
  });

  test("what it has learned sets what it holds, says why, and outlives the process", async () => {
    node = await anAgentNode({ env: { SLASH28_WARM_POLICY: "adaptive" } });
    await remember(node, Date.now() - 10 * MINUTE);
    await node.start();
    await eventually("the memory to be read", async () => told(node!).forecast.state === "known");
    expect(told(node)).toMatchObject({ freeTarget: 0, because: "enough-for-now" });
    expect(told(node).forecast.situation).toMatch(/^no burst is due/);
    await eventually("the address of a node without pods", async () => (await free(node!)) === 1);
    await node.kill("SIGTERM");

    // The next burst may come in some seconds.
    await remember(node, Date.now() - 30 * MINUTE + 45 * SECOND);
    await node.start();
    await eventually("the burst to be prepared for", async () => (await free(node!)) === 4);
    expect(told(node)).toMatchObject({ freeTarget: 4, because: "burst-due" });
    expect(node.run("", "curl", "-s", "http://127.0.0.1:61678/metrics")).toContain('slash28_warm_target_addresses{why="burst-due"} 4');
    for (const pod of PODS) node.makePod(pod);
    const { plugin } = node;
    for (const run of await Promise.all(PODS.map((pod) => plugin("ADD", pod)))) expect(addressOf(run)).toMatch(/^10\.0\.1\./);
    const after = told(node).forecast.pods;
    expect(after.waited).toBe(0);

    await node.kill("SIGTERM");
    expect(readFileSync(demandFile(node), "utf8")).toContain(node.instanceId);
    await node.start();
    await eventually("the memory to be read", async () => told(node!).forecast.state === "known");
    expect(told(node).forecast.pods.came).toBeCloseTo(after.came, 0);
  });

  test("a damaged memory is no reason not to serve pods", async () => {
    node = await anAgentNode({ env: { SLASH28_WARM_POLICY: "adaptive" } });
    await remember(node, Date.now() - 10 * MINUTE);
    node.run("", "truncate", "-s", "-40", demandFile(node));
    await node.start();
    await eventually("an ENI's worth to be free", async () => (await free(node!)) === 9);
    expect(told(node)).toMatchObject({ because: "learning" });
    node.makePod("a");
    expect(addressOf(await node.plugin("ADD", "a"))).toMatch(/^10\.0\.1\./);
  });
});
