import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@slash28/testkit";
import { expect, test } from "vitest";
import type { Pod } from "../../../src/kubernetes/kubelet/index.ts";
import { benchesOfTests, describeWithKernel } from "./kernel-benches.ts";
import type { Bench } from "./kubelet-bench.ts";

const core = (plural: string) => ({ group: "", version: "v1", plural });
const shell = (name: string, script: string) => ({ name, image: "busybox", command: ["/bin/sh", "-c", script] });

describeWithKernel("volumes, and how containers end", () => {
  const openBench = benchesOfTests();
  let bench: Bench;

  const ready = (name: string): Promise<readonly Pod[]> =>
    bench.kube.until<Pod>("pods", `${name} ready`, (pods) =>
      pods.some((pod) => pod.metadata.name === name && pod.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True"),
    );
  const run = async (pod: string, script: string): Promise<string> => (await bench.exec(pod, ["/bin/sh", "-c", script])).out.trim();
  const configMap = (data: Record<string, string>) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "conf", namespace: "default" },
    data,
    binaryData: { raw: Buffer.from([0xff, 0x00, 0xfe]).toString("base64") },
  });

  test("a ConfigMap's files have their modes, change all at once, and stay as they were behind a subPath", async () => {
    bench = await openBench();
    await bench.kube.create(core("configmaps"), configMap({ a: "one", b: "one" }));
    await bench.startPod("reader", {
      volumes: [
        { name: "conf", configMap: { name: "conf", defaultMode: 0o440 } },
        { name: "some", configMap: { name: "conf", items: [{ key: "a", path: "deep/er/a", mode: 0o755 }] } },
      ],
      containers: [
        {
          ...shell("main", "exec sleep 1000"),
          env: [{ name: "WHO", value: "b" }],
          volumeMounts: [
            { name: "conf", mountPath: "/conf" },
            { name: "some", mountPath: "/some" },
            { name: "conf", mountPath: "/fixed", subPathExpr: "$(WHO)" },
          ],
        },
      ],
    });
    await ready("reader");
    expect(
      await run("reader", "cat /conf/a /conf/b /some/deep/er/a /fixed; stat -Lc %a /conf/a /some/deep/er/a; od -An -tx1 /conf/raw"),
    ).toBe("oneoneoneone440\n755\n ff 00 fe");
    expect(await run("reader", "readlink /conf/a")).toBe("..data/a");
    const body = { data: { a: "two", b: null, c: "two" } };
    await bench.kube.patch(core("configmaps"), "conf", "default", { kind: "merge", body });
    await eventually(
      "the new files",
      async () => (await run("reader", "cat /conf/a /conf/c /some/deep/er/a; ls /conf")) === "twotwotwoa\nc\nraw",
    );
    expect(await run("reader", "cat /fixed")).toBe("one");
  });

  test("a claim's volume outlives its pods", async () => {
    bench = await openBench();
    const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data", namespace: "default" } };
    await bench.kube.create(core("persistentvolumeclaims"), { ...claim, spec: { volumeName: "v" }, status: { phase: "Bound" } });
    await bench.kube.create(core("persistentvolumes"), {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "v" },
      spec: { csi: { driver: "disk.slash28.dev", volumeHandle: "v" } },
    });
    const spec = (script: string): Pod["spec"] => ({
      restartPolicy: "Never",
      volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }],
      containers: [{ ...shell("main", script), volumeMounts: [{ name: "d", mountPath: "/d" }] }],
    });
    await bench.startPod("writer", spec("echo kept > /d/file"));
    await bench.kube.until<Pod>("pods", "written", (pods) => pods.some(({ status }) => status?.phase === "Succeeded"));
    await bench.startPod("reader", spec("grep kept /d/file && sleep 1000"));
    await ready("reader");
    expect(readFileSync(join(bench.rootDir, "disks/v/file"), "utf8")).toBe("kept\n");
  });

  test("a container leaves a message, or the end of its log", async () => {
    bench = await openBench();
    const loud = { ...shell("loud", "echo it broke; exit 3"), terminationMessagePolicy: "FallbackToLogsOnError" };
    await bench.startPod("done", {
      restartPolicy: "Never",
      containers: [shell("said", "printf bye > /dev/termination-log; exit 2"), loud],
    });
    const [pod] = await bench.kube.until<Pod>("pods", "failed", (pods) => pods[0]?.status?.phase === "Failed");
    const ends = pod?.status?.containerStatuses?.map(({ state }) => [state.terminated?.exitCode, state.terminated?.message]);
    expect(ends).toEqual([
      [2, "bye"],
      [3, "it broke"],
    ]);
  });

  test("hooks run after the start and before the end", async () => {
    bench = await openBench();
    await bench.startPod("hooked", {
      volumes: [{ name: "seen", hostPath: { path: "/seen" } }],
      containers: [
        {
          ...shell("main", "trap 'echo term >> /seen/log; exit 0' TERM; while :; do sleep 0.05; done"),
          volumeMounts: [{ name: "seen", mountPath: "/seen" }],
          lifecycle: {
            postStart: { exec: { command: ["/bin/sh", "-c", "echo start >> /seen/log"] } },
            preStop: { exec: { command: ["/bin/sh", "-c", "echo stop >> /seen/log"] } },
          },
        },
      ],
    });
    const seen = (): string => (existsSync(join(bench.rootDir, "seen/log")) ? readFileSync(join(bench.rootDir, "seen/log"), "utf8") : "");
    await eventually("the first hook", () => seen() === "start\n");
    bench.kube.markDeleted("hooked", 30);
    await bench.kube.until("pods", "gone", (pods) => pods.length === 0);
    expect(seen()).toBe("start\nstop\nterm\n");
  });

  test("a hook that fails after the start ends the container", async () => {
    bench = await openBench();
    const lifecycle = { postStart: { exec: { command: ["/bin/sh", "-c", "echo no; exit 1"] } } };
    await bench.startPod("bad", { containers: [{ ...shell("main", "exec sleep 1000"), lifecycle }], terminationGracePeriodSeconds: 0 });
    await bench.kube.until("events", "the failure", (all) => all.some((event) => event["reason"] === "FailedPostStartHook"));
    await bench.kube.until<Pod>("pods", "a restart", (pods) => (pods[0]?.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
  });

  test("sidecars start before the others and end after them, the first as the last", async () => {
    bench = await openBench();
    const mount = { volumeMounts: [{ name: "seen", mountPath: "/seen" }] };
    const member = (name: string) => ({
      ...shell(name, `echo +${name} >> /seen/log; trap 'echo -${name} >> /seen/log; exit 0' TERM; while :; do sleep 0.05; done`),
      ...mount,
    });
    await bench.startPod("crew", {
      volumes: [{ name: "seen", hostPath: { path: "/seen" } }],
      initContainers: [
        { ...member("first"), restartPolicy: "Always" },
        { ...member("second"), restartPolicy: "Always" },
      ],
      containers: [member("main")],
    });
    await ready("crew");
    const seen = (): string => readFileSync(join(bench.rootDir, "seen/log"), "utf8").replaceAll("\n", " ").trim();
    await eventually("all have said so", () => seen().split(" ").length === 3);
    bench.kube.markDeleted("crew", 30);
    await bench.kube.until("pods", "gone", (pods) => pods.length === 0);
    expect(seen().split(" ").slice(3)).toEqual(["-main", "-second", "-first"]);
  });

  test("what a container started and let go of ends with it", async () => {
    bench = await openBench();
    // Twice forked into a session of its own, as daemons do.
    await bench.startPod("daemon", {
      hostPID: true,
      terminationGracePeriodSeconds: 0,
      containers: [shell("main", "(setsid sh -c 'sleep 4242 & echo $! > /daemon.pid' &) ; exec sleep 1000")],
    });
    await ready("daemon");
    const pid = await eventually("the daemon", async () => (await run("daemon", "cat /daemon.pid")) || undefined);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    bench.kube.markDeleted("daemon", 0);
    await bench.kube.until("pods", "gone", (pods) => pods.length === 0);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });
});
