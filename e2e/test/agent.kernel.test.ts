import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { formatIpv4 } from "@slash28/address";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "@slash28/testkit";
import { addressOf, anAgentNode, type AgentNode, type AgentNodeOptions } from "./agent-node.ts";

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("not root: the agent is not tested against the kernel");

let node: AgentNode | undefined;
afterEach(async () => {
  await node?.close();
  node = undefined;
});

async function aNode(options?: AgentNodeOptions): Promise<AgentNode> {
  node = await anAgentNode(options);
  await node.start();
  return node;
}

async function assigned(of: AgentNode): Promise<number> {
  return (JSON.parse(await of.ask("/pool")) as { assigned: number }).assigned;
}

describe.runIf(isRoot)("the agent as a process, through the static plugin", () => {
  test("a pod reaches its node and is taken away without a trace", async () => {
    const node = await aNode({ env: { WARM_IP_TARGET: "2" } });
    const before = [node.run("", "ip", "rule"), node.run("", "ip", "route")];
    node.makePod("a");
    await eventually("an address to be free", async () => (JSON.parse(await node.ask("/pool")) as { free: number }).free > 0);
    const address = addressOf(await node.plugin("ADD", "a"));
    expect(node.run("", "ping", "-c1", "-W2", address)).toContain("1 received");
    expect(node.run("a", "ip", "route")).toContain("default via 169.254.1.1");
    expect((await node.plugin("CHECK", "a")).code).toBe(0);
    expect((await node.plugin("STATUS", "a")).code).toBe(0);
    expect((await node.plugin("DEL", "a")).code).toBe(0);
    await eventually("the pod's link to go", () => !node.run("", "ip", "-o", "link").includes(" eni"));
    expect([node.run("", "ip", "rule"), node.run("", "ip", "route")]).toEqual(before);
  });

  test("while it is away pods are told to come back, a DEL is not lost, and pods keep their traffic", async () => {
    const node = await aNode();
    for (const pod of ["a", "b"]) node.makePod(pod);
    await eventually("an address to be free", async () => (JSON.parse(await node.ask("/pool")) as { free: number }).free > 1);
    const kept = addressOf(await node.plugin("ADD", "a"));
    addressOf(await node.plugin("ADD", "b"));
    await node.kill("SIGTERM");
    expect(node.run("", "ping", "-c1", "-W2", kept)).toContain("1 received");
    const codes = await Promise.all(
      ["ADD", "DEL", "STATUS"].map(async (verb) => (JSON.parse((await node.plugin(verb, "b")).out) as { code: number }).code),
    );
    expect(codes).toEqual([11, 11, 50]);
    await node.start();
    expect((await node.plugin("DEL", "b")).code).toBe(0);
    expect(await assigned(node)).toBe(1);
    expect(addressOf(await node.plugin("ADD", "a"))).toBe(kept);
    expect(node.run("", "ping", "-c1", "-W2", kept)).toContain("1 received");
  });

  test("kill -9 in the middle of a hundred ADDs and DELs: no address twice, none lost, running pods keep theirs", async () => {
    const node = await aNode({
      type: "m5.4xlarge",
      subnet: "10.0.0.0/20",
      env: { WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "70", IP_COOLDOWN_PERIOD: "1" },
    });
    const pods = Array.from({ length: 60 }, (_, i) => `p${i}`);
    for (const pod of pods) node.makePod(pod);
    await eventually("the pool to be filled", async () => (JSON.parse(await node.ask("/pool")) as { free: number }).free >= 65, 30_000);
    const running = new Map<string, string>();
    for (const pod of pods.slice(0, 20)) running.set(pod, addressOf(await node.plugin("ADD", pod)));
    const queue = [...pods.slice(20).map((pod) => ["ADD", pod] as const), ...pods.slice(0, 10).map((pod) => ["DEL", pod] as const)].sort(
      (a, b) => (a[1].slice(-1) < b[1].slice(-1) ? -1 : 1),
    );
    const unanswered: (readonly ["ADD" | "DEL", string])[] = [];
    let answers = 0;
    let killed: Promise<void> | undefined;
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const [verb, pod] = next;
          const run = await node.plugin(verb, pod);
          if (++answers === 20) killed = node.kill("SIGKILL");
          if (run.code !== 0) unanswered.push(next);
          else if (verb === "ADD") running.set(pod, addressOf(run));
          else running.delete(pod);
        }
      }),
    );
    await killed;
    expect(unanswered.length).toBeGreaterThan(10);
    await node.start();

    // What the runtime does with pods it got no answer for: a DEL, until it is answered.
    for (const [verb, pod] of unanswered) {
      expect((await node.plugin("DEL", pod)).code).toBe(0);
      if (verb === "DEL") running.delete(pod);
    }
    expect(new Set(running.values()).size).toBe(running.size);
    expect(await assigned(node)).toBe(running.size);
    for (const [pod, address] of running) {
      expect(addressOf(await node.plugin("ADD", pod))).toBe(address);
      expect(node.run("", "ping", "-c1", "-W2", address)).toContain("1 received");
    }
    const fresh = pods.filter((pod) => !running.has(pod)).slice(0, 10);
    for (const pod of fresh) running.set(pod, addressOf(await node.plugin("ADD", pod)));
    expect(new Set(running.values()).size).toBe(running.size);
    const owned = node.cloud.view.attachedEnis(node.instanceId).flatMap((eni) => eni.secondaryAddresses.map(formatIpv4));
    for (const address of running.values()) expect(owned).toContain(address);
  });

  test.each([
    ["refuses connections", "127.0.0.1"],
    ["never answers", "198.51.100.1"],
  ])("with an API server that %s it starts, serves pods and says so", async (_, host) => {
    node = await anAgentNode();
    // Packets to nobody on loopback are dropped without a word.
    node.run("", "ip", "route", "add", "198.51.100.0/24", "dev", "lo");
    writeFileSync(join(node.folder, "ca.crt"), rootCertificates[0] ?? "");
    writeFileSync(join(node.folder, "token"), "a-token");
    const inCluster = { MY_NODE_NAME: "n1", KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: "1", SERVICE_ACCOUNT_DIR: node.folder };
    await node.start({ ...inCluster, WARM_IP_TARGET: "2" });
    node.makePod("a");
    await eventually("an address to be free", async () => (JSON.parse((await node?.ask("/pool")) ?? "") as { free: number }).free > 0);
    const address = addressOf(await node.plugin("ADD", "a"));
    expect(node.run("", "ping", "-c1", "-W2", address)).toContain("1 received");
    expect(node.log()).toContain("the Node object is not known yet; max pods comes from the instance type");
    expect((await node.plugin("DEL", "a")).code).toBe(0);
  });

  test("settings that nobody can mean are named in the log and stop nothing", async () => {
    const node = await aNode({ env: { WARM_IP_TARGET: "many", AWS_VPC_ENI_MTU: "9", AWS_VPC_K8S_CNI_VETHPREFIX: "toolong" } });
    for (const variable of ["WARM_IP_TARGET", "AWS_VPC_ENI_MTU", "AWS_VPC_K8S_CNI_VETHPREFIX"])
      expect(node.log()).toContain(`"variable":"${variable}"`);
    expect(await node.ask("/healthz")).toBe("serving\n");
    const metrics = node.run("", "curl", "-s", "http://127.0.0.1:61678/metrics");
    expect(metrics).toMatch(/awscni_total_ip_addresses \d+/);
    const enis = JSON.parse(node.run("", "curl", "-s", "http://localhost:61679/v1/enis")) as Record<
      string,
      { TotalIPs: number; ENIs: object }
    >;
    expect(Object.keys(enis["0"]!.ENIs)).toHaveLength(1);
  });
});
