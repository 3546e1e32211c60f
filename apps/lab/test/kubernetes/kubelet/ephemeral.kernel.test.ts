import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { beforeEach, expect, test } from "vitest";
import type { Pod } from "../../../src/kubernetes/kubelet/index.ts";
import type { EphemeralContainer, PodStatus } from "../../../src/kubernetes/kubelet/pod.ts";
import { benchesOfTests, describeWithKernel } from "./kernel-benches.ts";
import type { Bench } from "./kubelet-bench.ts";

const PODS = { group: "", version: "v1", plural: "pods" };

describeWithKernel("containers added to a pod that runs", () => {
  const openBench = benchesOfTests();
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    const main = { name: "main", image: "busybox", command: ["/bin/sh", "-c", "exec sleep 4711"] };
    await bench.startPod("app", { terminationGracePeriodSeconds: 0, containers: [main] });
    await bench.kube.until<Pod>("pods", "it runs", ([pod]) => pod?.status?.phase === "Running");
  });

  const add = async (name: string, script: string, more: Partial<EphemeralContainer> = {}): Promise<void> => {
    const there = bench.kube.all<Pod>("pods")[0]?.spec.ephemeralContainers ?? [];
    const added = { name, image: "busybox", command: ["/bin/sh", "-c", script], ...more };
    await bench.kube.patch(PODS, "app", "default", { kind: "merge", body: { spec: { ephemeralContainers: [...there, added] } } });
  };
  const untilStatus = async (what: string, holds: (status: PodStatus) => boolean): Promise<PodStatus> => {
    const [pod] = await bench.kube.until<Pod>("pods", what, ([one]) => one?.status !== undefined && holds(one.status));
    return pod?.status ?? {};
  };
  const run = async (container: string, command: readonly string[]): Promise<string> => {
    const stdout = new PassThrough();
    const said = text(stdout);
    const { signal } = new AbortController();
    await bench.kubelet.runtime.exec({ namespace: "default", pod: "app", container }, { command, tty: false, stdout, signal });
    stdout.end();
    return await said;
  };

  test("one with a target sees the target's processes and files; each shares the pod's network; nothing else of the pod changes", async () => {
    const before = bench.kube.all<Pod>("pods")[0]?.status?.containerStatuses;
    await add("aside", "exec sleep 100");
    await add("look", "exec sleep 101", { targetContainerName: "main" });
    const status = await untilStatus(
      "both run",
      ({ ephemeralContainerStatuses: all = [] }) => all.length === 2 && all.every(({ state }) => state.running !== undefined),
    );
    expect(status.ephemeralContainerStatuses?.map(({ name, ready, restartCount }) => [name, ready, restartCount])).toEqual([
      ["aside", false, 0],
      ["look", false, 0],
    ]);
    expect(status).toMatchObject({ phase: "Running", containerStatuses: before });
    const first = ["/bin/sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline"];
    expect(await run("look", first)).toBe("sleep 4711 ");
    expect(await run("aside", first)).toBe("sleep 100 ");
    await run("main", ["/bin/sh", "-c", "echo found > /tmp/left-here"]);
    expect(await run("look", ["cat", "/proc/1/root/tmp/left-here"])).toBe("found\n");
    const network = ["readlink", "/proc/self/ns/net"];
    const networks = [await run("main", network), await run("aside", network), await run("look", network)];
    expect(new Set(networks).size).toBe(1);
  });

  test("one runs once, whatever it ends with; its log stays, and the pod is what it was", async () => {
    await add("fails", "echo looked around; exit 3");
    const status = await untilStatus("it has ended", ({ ephemeralContainerStatuses: all }) => all?.[0]?.state.terminated?.exitCode === 3);
    expect(status).toMatchObject({
      phase: "Running",
      conditions: expect.arrayContaining([expect.objectContaining({ type: "Ready", status: "True" })]),
    });
    const name = { namespace: "default", pod: "app", container: "fails" };
    const { signal } = new AbortController();
    const log = await bench.kubelet.runtime.logs(name, { follow: false, previous: false, timestamps: false }, signal);
    expect(await text(log)).toBe("looked around\n");
    // A change of the pod gives no second turn.
    await add("second", "exit 0");
    const after = await untilStatus(
      "the second has ended",
      ({ ephemeralContainerStatuses: all }) => all?.[1]?.state.terminated !== undefined,
    );
    expect(after.ephemeralContainerStatuses?.[0]).toEqual(status.ephemeralContainerStatuses?.[0]);
  });

  test("a target that does not exist is told, and the pod's end ends those that run", async () => {
    await add("lost", "exec sleep 100", { targetContainerName: "nothing" });
    const waiting = await untilStatus("it waits", ({ ephemeralContainerStatuses: all }) => all?.[0]?.state.waiting?.message !== undefined);
    expect(waiting.ephemeralContainerStatuses?.[0]?.state.waiting).toEqual({
      reason: "CreateContainerConfigError",
      message: 'unable to find target container "nothing": it does not run',
    });
    await add("stays", "exec sleep 100");
    await untilStatus("it runs", ({ ephemeralContainerStatuses: all }) => all?.[1]?.state.running !== undefined);
    bench.kube.markDeleted("app", 0);
    await bench.kube.until("pods", "the pod is gone", (pods) => pods.length === 0);
  });
});
