import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { aNode, findKubectl, startLabCluster, type LabCluster } from "./lab-cluster.ts";

const kubectl = findKubectl();

describe.skipIf(kubectl === undefined)("kubectl attach and run", () => {
  let cluster: LabCluster;
  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
    await cluster.api.kube.create({ group: "", version: "v1", plural: "nodes" }, aNode("node-a"));
  });
  afterAll(async () => {
    expect(cluster.failures).toEqual([]);
    await cluster.close();
  });

  const aPod = async (name: string): Promise<void> => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name },
      spec: { nodeName: "node-a", containers: [{ name: "main", image: "busybox", stdin: true, stdinOnce: true }] },
    };
    await cluster.kubectl("create -f -", JSON.stringify(pod));
    await runs(name, "Running");
  };
  const runs = async (name: string, phase: string): Promise<void> => {
    const status = { phase, conditions: [{ type: "Ready", status: phase === "Running" ? "True" : "False" }] };
    await cluster.run(["patch", "pod", name, "--subresource=status", "--type=merge", "-p", JSON.stringify({ status })]);
  };

  test("what is typed goes in, what is said comes out, and the end of the input is told", async () => {
    await aPod("typed");
    expect((await cluster.run(["attach", "-i", "typed"], "hello")).stdout).toContain("typed hello");
  });

  test("who only watches is shown what comes", async () => {
    await aPod("watched");
    const watching = cluster.start(["attach", "watched"]);
    cluster.runtime.followed.write("said\n");
    await eventually("it is shown", () => watching.output() === "said\n");
    cluster.runtime.followed.end();
    expect((await watching.done).code).toBe(0);
  });

  test("run -i --rm gives the pod its input and takes it away", async () => {
    const running = cluster.start(
      ["run", "once", "-i", "--rm", "--restart=Never", "--image=busybox", "--overrides", `{"spec":{"nodeName":"node-a"}}`],
      {},
      "hello",
    );
    await eventually("the pod is made", async () => (await cluster.run(["get", "pod", "once"])).code === 0);
    const streams = "{.spec.containers[0].stdin} {.spec.containers[0].stdinOnce}";
    expect((await cluster.run(["get", "pod", "once", "-o", `jsonpath=${streams}`])).stdout).toBe("true true");
    await runs("once", "Running");
    await eventually("it is told", () => running.output().includes("typed hello"));
    await runs("once", "Succeeded");
    // Nothing ends this pod but its deletion, which waits for its node.
    await eventually("it is deleted", async () => {
      const asked = await cluster.run(["get", "pod", "once", "-o", "jsonpath={.metadata.deletionTimestamp}"]);
      return asked.code !== 0 || asked.stdout !== "";
    });
    await cluster.run(["delete", "pod", "once", "--force", "--grace-period=0", "--ignore-not-found"]);
    expect((await running.done).code).toBe(0);
  });
});
