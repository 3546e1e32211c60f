import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, expect, test, vi } from "vitest";
import type { Pod } from "../../../src/kubernetes/kubelet/index.ts";
import { benchesOfTests, describeWithKernel } from "./kernel-benches.ts";
import type { Bench } from "./kubelet-bench.ts";

const isRunning =
  (name: string) =>
  (pods: readonly Pod[]): boolean =>
    pods.some((pod) => pod.metadata.name === name && pod.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True");
const nginx = { name: "web", image: "nginx:1.27" };
const shell = (script: string) => ({ name: "main", image: "busybox", command: ["/bin/sh", "-c", script] });

describeWithKernel("pods as processes", () => {
  let bench: Bench;
  const podNamed = (name: string): Pod => {
    const found = bench.kube.all<Pod>("pods").find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`there is no pod ${name}`);
    return found;
  };
  const events = (): readonly string[] =>
    bench.kube.all("events").map((event) => `${String(event["reason"])}: ${String(event["message"])}`);
  // Hooks end in the other order: the bench is closed by then.
  afterEach(() => {
    expect(existsSync(bench.rootDir)).toBe(false);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(bench.rootDir);
  });
  const openBench = benchesOfTests();

  test("an nginx pod gets the plugin's address, answers there, and logs the request", async () => {
    bench = await openBench();
    await bench.startPod("web-1", { containers: [nginx] });
    await bench.kube.until<Pod>("pods", "web-1 ready", isRunning("web-1"));
    const { status } = podNamed("web-1");
    expect(status).toMatchObject({ phase: "Running", hostIP: "10.99.0.1", podIP: "10.99.1.2", podIPs: [{ ip: "10.99.1.2" }] });
    expect(status?.containerStatuses?.[0]).toMatchObject({ name: "web", ready: true, started: true, restartCount: 0 });
    const asked = await bench.exec("web-1", [
      "/bin/bash",
      "-c",
      "hostname; exec 3<>/dev/tcp/10.99.1.2/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3; exit 7",
    ]);
    expect(asked.code).toBe(7);
    expect(asked.out).toContain("web-1\n");
    expect(asked.out).toContain("200 OK");
    expect(asked.out).toContain("pod web-1, address 10.99.1.2");
    expect(await bench.logs("web-1")).toContain('"GET / HTTP/1.0" 200');
    const [add] = bench.calls().filter(({ command }) => command === "ADD");
    expect(add?.args).toBe(
      `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-1;K8S_POD_INFRA_CONTAINER_ID=${add?.id};K8S_POD_UID=${podNamed("web-1").metadata.uid}`,
    );
    expect(JSON.parse(add?.config ?? "")).toEqual({ type: "aws-cni", name: "aws-cni", cniVersion: "1.1.0" });
  });

  test("a container sees its own files, token and processes, and nothing of it is on the machine", async () => {
    bench = await openBench();
    await bench.startPod("look", {
      hostAliases: [{ ip: "10.0.0.9", hostnames: ["other"] }],
      volumes: [
        { name: "shared", emptyDir: {} },
        { name: "state", hostPath: { path: "/var/run/aws-node" } },
      ],
      containers: [
        {
          ...shell("echo made > /made; echo shared > /data/file; echo here > /var/run/aws-node/file; exec sleep 1000"),
          env: [
            { name: "WHO", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            { name: "SAY", value: "I am $(WHO)" },
          ],
          volumeMounts: [
            { name: "shared", mountPath: "/data" },
            { name: "state", mountPath: "/var/run/aws-node" },
          ],
        },
      ],
    });
    await bench.kube.until<Pod>("pods", "look ready", isRunning("look"));
    const { out } = await bench.exec("look", [
      "/bin/sh",
      "-c",
      "cat /var/run/secrets/kubernetes.io/serviceaccount/token; echo; cat /var/run/secrets/kubernetes.io/serviceaccount/namespace; echo; cat /etc/hosts /etc/resolv.conf; echo $SAY; ps -e -o pid=,comm=; ls /sys/class/net",
    ]);
    expect(out).toContain("token-of-default-for-look\ndefault\n");
    expect(out).toContain("10.99.1.2\tlook\n10.0.0.9\tother");
    expect(out).toContain("nameserver 169.254.169.253");
    expect(out).toContain("I am 10.99.1.2");
    expect(out).toMatch(/^ *1 sleep$/m);
    expect(out).toContain("eth0\nlo");
    expect(existsSync("/made")).toBe(false);
    expect(readFileSync(join(bench.rootDir, "var/run/aws-node/file"), "utf8")).toBe("here\n");
  });

  test("a refused ADD is told in kubelet's words and tried with a new sandbox after DEL", async () => {
    bench = await openBench();
    bench.refuse("ADD");
    await bench.startPod("late", { containers: [nginx] });
    await bench.kube.until(
      "events",
      "two failures",
      (all) => all.filter((event) => event["reason"] === "FailedCreatePodSandBox").length >= 2,
    );
    expect(events().find((event) => event.startsWith("FailedCreatePodSandBox"))).toMatch(
      /^FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "[0-9a-f]{64}": plugin type="aws-cni" name="aws-cni" failed \(add\): failed to assign an IP address to container$/,
    );
    bench.allow("ADD");
    await bench.kube.until<Pod>("pods", "late ready", isRunning("late"));
    const verbs = bench.calls().filter(({ command }) => command === "ADD" || command === "DEL");
    for (const [at, call] of verbs.slice(0, -1).entries())
      if (call.command === "ADD") expect(verbs[at + 1]).toMatchObject({ command: "DEL", id: call.id });
    const added = verbs.filter(({ command }) => command === "ADD").map(({ id }) => id);
    expect(new Set(added).size).toBe(added.length);
  });

  test("a pod is deleted only after its DEL succeeded, which gets ADD's result", async () => {
    bench = await openBench();
    await bench.startPod("gone", { containers: [nginx] });
    await bench.kube.until<Pod>("pods", "gone ready", isRunning("gone"));
    bench.refuse("DEL");
    bench.kube.markDeleted("gone", 30);
    await bench.kube.until("events", "FailedKillPod", (all) => all.some((event) => event["reason"] === "FailedKillPod"));
    expect(bench.kube.all("pods")).toHaveLength(1);
    bench.allow("DEL");
    await bench.kube.until("pods", "the pod is gone", (pods) => pods.length === 0);
    const dels = bench.calls().filter(({ command }) => command === "DEL");
    expect(dels.length).toBeGreaterThan(1);
    expect(JSON.parse(dels[0]?.config ?? "").prevResult.ips).toEqual([{ address: "10.99.1.2/32", interface: 1 }]);
    expect(events()).toContain("Killing: Stopping container web");
    expect(readdirSync(join(bench.rootDir, "var/lib/cni/results"))).toEqual([]);
    expect(readdirSync(join(bench.rootDir, "var/lib/kubelet/pods"))).toEqual([]);
  });

  test("a program that ignores SIGTERM is killed with all it started when its time is up", async () => {
    bench = await openBench();
    await bench.startPod("deaf", { containers: [shell("trap '' TERM; setsid sleep 4321 & while :; do sleep 1; done")] });
    await bench.kube.until<Pod>("pods", "deaf ready", isRunning("deaf"));
    bench.kube.markDeleted("deaf", 1);
    await bench.kube.until("pods", "the pod is gone", (pods) => pods.length === 0);
    expect(execFileSync("sh", ["-c", "pgrep -fx 'sleep 4321' || true"]).toString()).toBe("");
  });

  test("a container that fails is started again, with back-off and its last end on record", async () => {
    bench = await openBench();
    await bench.startPod("crash", { containers: [shell("echo run; exit 3")] });
    const [pod] = await bench.kube.until<Pod>(
      "pods",
      "three ends",
      (pods) => (pods[0]?.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 2,
    );
    expect(pod?.status?.containerStatuses?.[0]?.lastState.terminated).toMatchObject({ exitCode: 3, reason: "Error" });
    await bench.kube.until<Pod>(
      "pods",
      "back-off",
      (pods) => pods[0]?.status?.containerStatuses?.[0]?.state.waiting?.reason === "CrashLoopBackOff",
    );
    expect(events().some((event) => event.startsWith("BackOff: Back-off restarting failed container main in pod crash_default"))).toBe(
      true,
    );
    expect(await bench.logs("crash", { previous: true })).toBe("run\n");
  });

  test("a pod that is not restarted ends, gives its address back and stays on record", async () => {
    bench = await openBench();
    await bench.startPod("job", {
      restartPolicy: "Never",
      initContainers: [{ ...shell("echo first"), name: "init" }],
      containers: [shell("echo done; exit 0")],
    });
    await bench.kube.until<Pod>("pods", "job succeeded", (pods) => pods[0]?.status?.phase === "Succeeded");
    await bench.kube.until<Pod>(
      "pods",
      "sandbox gone",
      (pods) => pods[0]?.status?.conditions?.find(({ type }) => type === "PodReadyToStartContainers")?.status === "False",
    );
    expect(
      bench
        .calls()
        .map(({ command }) => command)
        .filter((command) => command !== "STATUS"),
    ).toEqual(["ADD", "DEL"]);
    expect(podNamed("job").status).toMatchObject({
      podIP: "10.99.1.2",
      containerStatuses: [{ state: { terminated: { exitCode: 0, reason: "Completed" } } }],
    });
    expect(await bench.logs("job")).toBe("done\n");
  });

  test("an image nobody knows is told, and a program that is not there", async () => {
    bench = await openBench();
    await bench.startPod("strange", {
      containers: [
        { name: "a", image: "example.com/strange:1" },
        { name: "b", image: "example.com/other", command: ["no-such-program"] },
      ],
    });
    await bench.kube.until<Pod>("pods", "both told", (pods) => {
      const [a, b] = pods[0]?.status?.containerStatuses ?? [];
      return a?.state.waiting?.reason === "ImagePullBackOff" && b?.lastState.terminated?.reason === "StartError";
    });
    expect(events().some((event) => event.includes('no stand-in for the image "example.com/strange:1"'))).toBe(true);
    expect(events().some((event) => event.includes('exec: "no-such-program": executable file not found in $PATH'))).toBe(true);
  });

  test("readiness follows an HTTP probe from the node, liveness restarts the container", async () => {
    bench = await openBench();
    await bench.startPod("probed", {
      containers: [
        { ...nginx, readinessProbe: { httpGet: { path: "/", port: 80 }, periodSeconds: 1 } },
        {
          ...shell("touch /alive; sleep 1000"),
          livenessProbe: { exec: { command: ["test", "-e", "/alive"] }, periodSeconds: 1, failureThreshold: 1 },
          terminationGracePeriodSeconds: 1,
        } as Pod["spec"]["containers"][number],
      ],
      terminationGracePeriodSeconds: 1,
    });
    await bench.kube.until<Pod>("pods", "probed ready", isRunning("probed"));
    await bench.kubelet.runtime.exec(
      { namespace: "default", pod: "probed", container: "main" },
      { command: ["rm", "/alive"], tty: false, signal: new AbortController().signal },
    );
    await bench.kube.until<Pod>("pods", "restarted", (pods) => pods[0]?.status?.containerStatuses?.[1]?.restartCount === 1);
    expect(events()).toContain("Killing: Container main failed liveness probe, will be restarted");
  });

  test("a pod whose sandbox is killed gets another", async () => {
    bench = await openBench();
    await bench.startPod("lost", { containers: [nginx] });
    await bench.kube.until<Pod>("pods", "lost ready", isRunning("lost"));
    const pid = /^\/proc\/(\d+)\//.exec(bench.calls().find(({ command }) => command === "ADD")?.netns ?? "")?.[1] ?? "";
    process.kill(Number(pid), "SIGKILL");
    await bench.kube.until("events", "SandboxChanged", (all) => all.some((event) => event["reason"] === "SandboxChanged"));
    await bench.kube.until<Pod>(
      "pods",
      "ready again",
      (pods) => isRunning("lost")(pods) && pods[0]?.status?.containerStatuses?.[0]?.restartCount === 1,
    );
    expect(bench.calls().filter(({ command }) => command === "ADD")).toHaveLength(2);
  });

  test("the node is ready only once its network is, and host-network pods do not wait for it", async () => {
    bench = await openBench({ hasNetwork: false });
    type Conditions = { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[] };
    const readyOf = () =>
      (bench.kube.all("nodes")[0]?.["status"] as Conditions | undefined)?.conditions?.find(({ type }) => type === "Ready");
    expect(readyOf()).toMatchObject({
      status: "False",
      reason: "KubeletNotReady",
      message:
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
    });
    await bench.startPod("agent", { hostNetwork: true, containers: [nginx] });
    await bench.startPod("waits", { containers: [nginx] });
    await bench.kube.until<Pod>("pods", "agent ready", isRunning("agent"));
    expect(podNamed("agent").status?.podIP).toBe("10.99.0.1");
    expect((await bench.exec("agent", ["hostname"])).out).toBe("node-a\n");
    await bench.kube.until("events", "NetworkNotReady", (all) => all.some((event) => event["reason"] === "NetworkNotReady"));
    bench.installNetwork();
    await bench.kube.until<Pod>("pods", "waits ready", isRunning("waits"));
    await bench.kube.until("nodes", "node ready", () => readyOf()?.status === "True");
    expect(bench.kube.all("leases")).toHaveLength(1);
  });

  test("stopping does not wait for a hung plugin, and everything dies with the process that starts them", async () => {
    bench = await openBench();
    await bench.startPod("web-1", { containers: [nginx] });
    await bench.kube.until<Pod>("pods", "web-1 ready", isRunning("web-1"));
    const plugin = join(bench.rootDir, "opt/cni/bin/aws-cni");
    writeFileSync(plugin, readFileSync(plugin, "utf8").replace("ADD)", "ADD) exec sleep 4323;"));
    await bench.startPod("hung", { containers: [nginx] });
    await vi.waitUntil(() => bench.calls().filter(({ command }) => command === "ADD").length === 2, { timeout: 10_000 });
    const helper = execFileSync("pgrep", ["-P", String(process.pid), "-x", "slash28-spawn"])
      .toString()
      .trim();
    const members = execFileSync("pgrep", ["-P", helper]).toString().trim().split("\n");
    process.kill(Number(helper), "SIGKILL");
    await vi.waitUntil(() => members.every((pid) => !existsSync(`/proc/${pid}`)), { timeout: 10_000 });
    expect(execFileSync("sh", ["-c", "pgrep -fx 'sleep 4323' || true"]).toString()).toBe("");
  });

  test("exec has a terminal when asked, and input without one", async () => {
    bench = await openBench();
    await bench.startPod("term", { containers: [nginx] });
    await bench.kube.until<Pod>("pods", "term ready", isRunning("term"));
    expect((await bench.exec("term", ["/bin/sh"], { tty: true, stdin: "tty; exit 5\n" })).out).toContain("/dev/pts/0");
    expect(await bench.exec("term", ["cat"], { stdin: "as it came\n" })).toEqual({ code: 0, out: "as it came\n", err: "" });
    expect((await bench.exec("term", ["no-such-program"])).code).toBe(127);
  });

  test("followed logs go on until the container ends, over a rotation too", async () => {
    bench = await openBench({ tuning: { logBytesMax: 4_000 } });
    await bench.startPod("talks", {
      restartPolicy: "Never",
      containers: [shell("i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); [ $((i % 50)) = 0 ] && sleep 0.3; done")],
    });
    await bench.kube.until<Pod>("pods", "talks runs", (pods) => pods[0]?.status?.phase === "Running");
    const { signal } = new AbortController();
    const followed = await bench.kubelet.runtime.logs(
      { namespace: "default", pod: "talks" },
      { follow: true, previous: false, timestamps: false },
      signal,
    );
    expect(await text(followed)).toBe(Array.from({ length: 200 }, (_, at) => `line ${at}\n`).join(""));
    expect(await bench.logs("talks", { tailLines: 2 })).toBe("line 198\nline 199\n");
  });

  test("a command in a container ends when its caller goes away", async () => {
    bench = await openBench();
    await bench.startPod("web-1", { containers: [nginx] });
    await bench.kube.until<Pod>("pods", "web-1 ready", isRunning("web-1"));
    const caller = new AbortController();
    const code = bench.kubelet.runtime.exec(
      { namespace: "default", pod: "web-1" },
      { command: ["sleep", "4324"], tty: false, signal: caller.signal },
    );
    await vi.waitUntil(() => execFileSync("sh", ["-c", "pgrep -fx 'sleep 4324' || true"]).toString() !== "", { timeout: 10_000 });
    caller.abort();
    expect(await code).toBe(137);
    expect(execFileSync("sh", ["-c", "pgrep -fx 'sleep 4324' || true"]).toString()).toBe("");
  });

  test("a missing configMap holds the pod back until it is there", async () => {
    bench = await openBench();
    await bench.startPod("config", {
      volumes: [{ name: "c", configMap: { name: "settings" } }],
      containers: [{ ...nginx, volumeMounts: [{ name: "c", mountPath: "/etc/settings" }] }],
    });
    await bench.kube.until("events", "FailedMount", (all) =>
      all.some((event) => String(event["message"]).includes('configmap "settings" not found')),
    );
    await bench.kube.create(
      { group: "", version: "v1", plural: "configmaps" },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "default" }, data: { color: "blue" } },
    );
    await bench.kube.until<Pod>("pods", "config ready", isRunning("config"));
    expect((await bench.exec("config", ["cat", "/etc/settings/color"])).out).toBe("blue");
  });

  test("a hung plugin is killed and the pod tried again", async () => {
    bench = await openBench({ tuning: { pluginTimeoutMs: 300 } });
    const plugin = join(bench.rootDir, "opt/cni/bin/aws-cni");
    const working = readFileSync(plugin, "utf8");
    writeFileSync(plugin, working.replace("ADD)", "ADD) sleep 4322;"));
    await bench.startPod("hung", { containers: [nginx] });
    await bench.kube.until("events", "the plugin was killed", (all) =>
      all.some((event) => String(event["message"]).includes("did not answer within 0.3 s")),
    );
    writeFileSync(plugin, working);
    await bench.kube.until<Pod>("pods", "hung ready", isRunning("hung"));
    expect(execFileSync("sh", ["-c", "pgrep -fx 'sleep 4322' || true"]).toString()).toBe("");
  });
});
