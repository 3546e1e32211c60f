import { statSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@slash28/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { rpcClient } from "../../apps/agent/test/grpc-client.ts";
import { addressOf, anAgentNode, type AgentNode } from "./agent-node.ts";
import { answersPing, upstreamPlugin, type UpstreamPlugin } from "./upstream-plugin.ts";

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("not root: the VPC CNI's plugin is not played against the kernel");

let node: AgentNode;
let plugin: UpstreamPlugin;
afterEach(async () => {
  plugin?.close();
  await node?.close();
});

const socketOf = (of: AgentNode): string => join(of.folder, "ipamd.sock");

async function counts(): Promise<{ readonly assigned: number; readonly free: number; readonly enis: number }> {
  return JSON.parse(await node.ask("/pool")) as { assigned: number; free: number; enis: number };
}

async function aNodeWithFree(free: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
  node = await anAgentNode({ env: { IP_COOLDOWN_PERIOD: "1", ...env } });
  await node.start();
  await eventually("addresses to be free", async () => (await counts()).free >= free);
  plugin = upstreamPlugin(node, socketOf(node));
}

describe.runIf(isRoot)("the VPC CNI's plugin on the agent's gRPC socket", () => {
  test("a pod it wires keeps its address and its traffic through kill -9, and leaves nothing behind", async () => {
    // Few enough that no second ENI comes with its rule meanwhile.
    await aNodeWithFree(1, { WARM_IP_TARGET: "2" });
    const before = [node.run("", "ip", "rule"), node.run("", "ip", "route")];
    expect(statSync(socketOf(node)).mode & 0o777).toBe(0o660);
    node.makePod("a");
    const address = await plugin.add("a");
    expect(answersPing(node, address)).toBe(true);
    const links = (): string[] => [
      node.run("", "ip", "-o", "link"),
      node.run("a", "ip", "-4", "-o", "addr"),
      node.run("a", "ip", "neigh", "show", "nud", "permanent"),
    ];
    const wired = links();
    await node.kill("SIGKILL");
    expect(answersPing(node, address)).toBe(true);
    await node.start();
    expect(answersPing(node, address)).toBe(true);
    expect(links()).toEqual(wired);
    expect((await counts()).assigned).toBe(1);
    expect(await plugin.add("a")).toBe(address);
    expect(await plugin.del("a", address)).toBe("released");
    expect(await plugin.del("a", address)).toBe("unknown");
    node.removePod("a");
    await eventually("the pod's link to go", () => !node.run("", "ip", "-o", "link").includes(" eni"));
    expect([node.run("", "ip", "rule"), node.run("", "ip", "route")]).toEqual(before);
    expect((await counts()).assigned).toBe(0);
  });

  test("a pod goes from one plugin to the other, in both directions, on a secondary ENI too", async () => {
    await aNodeWithFree(12, { WARM_IP_TARGET: "12" });
    const pods = Array.from({ length: 12 }, (_, i) => `p${i}`);
    const addresses = new Map<string, string>();
    for (const [i, pod] of pods.entries()) {
      node.makePod(pod);
      addresses.set(pod, i % 2 === 0 ? await plugin.add(pod) : addressOf(await node.plugin("ADD", pod)));
    }
    expect(node.run("", "ip", "rule")).toContain("1536:");
    for (const [pod, address] of addresses) {
      expect({ pod, check: (await node.plugin("CHECK", pod)).code, pings: answersPing(node, address) }).toEqual({
        pod,
        check: 0,
        pings: true,
      });
      expect(addressOf(await node.plugin("ADD", pod))).toBe(address);
    }
    for (const [i, [pod, address]] of [...addresses].entries()) {
      if (i % 4 < 2) expect(await plugin.del(pod, address)).toBe("released");
      else expect((await node.plugin("DEL", pod)).code).toBe(0);
      node.removePod(pod);
    }
    expect((await counts()).assigned).toBe(0);
    const rules = node.run("", "ip", "rule");
    expect(rules).not.toContain("512:");
    expect(rules).not.toContain("1536:");
  });

  test("a DEL that no agent heard, and that the plugin calls a success all the same, costs no address", async () => {
    await aNodeWithFree(1);
    node.makePod("a");
    const address = await plugin.add("a");
    await node.kill("SIGKILL");
    expect(await plugin.del("a", address)).toBe("agent away");
    node.removePod("a");
    await node.start();
    expect((await counts()).assigned).toBe(0);
  });

  test("health follows the agent's life, and an agent that ends lets go of the socket", async () => {
    await aNodeWithFree(1);
    // A client of its own for each call: one that was refused waits before it tries again.
    const check = async (service = ""): Promise<unknown> => {
      const client = rpcClient(socketOf(node));
      return client.call("grpc.health.v1.Health/Check", { service }).finally(() => client.close());
    };
    expect(await check("grpc.health.v1.aws-node")).toEqual({ status: "SERVING" });
    await node.kill("SIGTERM");
    await expect(check()).rejects.toThrow(/UNAVAILABLE/);
    await node.start();
    expect(await check()).toEqual({ status: "SERVING" });
  });
});
