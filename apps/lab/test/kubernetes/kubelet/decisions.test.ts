import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { podAttachment } from "../../../src/kubernetes/kubelet/attachment.ts";
import { containerEnvironment, expand } from "../../../src/kubernetes/kubelet/environment.ts";
import { hostMounts } from "../../../src/kubernetes/kubelet/host-mounts.ts";
import { chooseProgram, wellKnownImages } from "../../../src/kubernetes/kubelet/image-table.ts";
import { readLogLine, selectLines, shownLine } from "../../../src/kubernetes/kubelet/log-lines.ts";
import { onNode } from "../../../src/kubernetes/kubelet/pod-directories.ts";
import { podStatus } from "../../../src/kubernetes/kubelet/pod-status.ts";
import type { Container, ContainerState, Pod } from "../../../src/kubernetes/kubelet/pod.ts";
import { afterProbe } from "../../../src/kubernetes/kubelet/probe-state.ts";
import { probeTarget } from "../../../src/kubernetes/kubelet/probe-target.ts";
import { NO_CRASH, afterEnd, isRestarted, withLongestWait } from "../../../src/kubernetes/kubelet/restart-decision.ts";
import { hostsFile, resolvConf } from "../../../src/kubernetes/kubelet/sandbox-files.ts";
import { readReports, startFrame } from "../../../src/kubernetes/kubelet/spawn-frames.ts";
import { volumeFiles } from "../../../src/kubernetes/kubelet/volume-files.ts";

const node = {
  name: "node-a",
  instanceId: "i-1",
  instanceType: "m5.large",
  zone: "us-east-1a",
  region: "us-east-1",
  address: "10.0.0.9",
  maxPods: 29,
  vcpus: 2,
  memoryMib: 8192,
  netnsPath: "/run/netns/a",
  rootDir: "/r",
};
const aPod = (spec: Partial<Pod["spec"]> = {}, metadata: Partial<Pod["metadata"]> = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "shop", uid: "u1", labels: { app: "web" }, ...metadata },
  spec: { containers: [{ name: "main", image: "nginx" }], ...spec },
});
const noData = { configMaps: new Map(), secrets: new Map() };

describe("a container's environment", () => {
  const view = { pod: aPod(), node, podIp: "10.0.0.5" };
  const envOf = (container: Partial<Container>, data: Parameters<typeof containerEnvironment>[2] = noData) =>
    containerEnvironment({ name: "main", ...container }, view, data, { BASE: "b" });

  test("takes values, fields, resources, keys and whole maps; later ones win", () => {
    const data = { configMaps: new Map([["c", { A: "map", B: "map" }]]), secrets: new Map([["s", { key: "hidden" }]]) };
    const made = envOf(
      {
        resources: { limits: { cpu: "1500m" }, requests: { memory: "64Mi" } },
        envFrom: [{ prefix: "P_", configMapRef: { name: "c" } }],
        env: [
          { name: "P_A", value: "own" },
          { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "APP", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
          { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
          { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
          { name: "MEM", valueFrom: { resourceFieldRef: { resource: "requests.memory", divisor: "1Mi" } } },
          { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "key" } } },
          { name: "NONE", valueFrom: { secretKeyRef: { name: "x", key: "key", optional: true } } },
          { name: "URL", value: "http://$(IP):$(PORT)/$$(IP)" },
        ],
      },
      data,
    );
    expect(made).toMatchObject({
      ok: true,
      env: {
        BASE: "b",
        P_A: "own",
        P_B: "map",
        IP: "10.0.0.5",
        APP: "web",
        NODE: "node-a",
        CPU: "2",
        MEM: "64",
        KEY: "hidden",
        URL: "http://10.0.0.5:$(PORT)/$(IP)",
        HOSTNAME: "web",
      },
    });
    expect(made.ok && "NONE" in made.env).toBe(false);
  });

  test("says what is missing", () => {
    expect(envOf({ envFrom: [{ secretRef: { name: "s" } }] })).toEqual({ ok: false, why: 'secret "s" not found' });
    const data = { ...noData, configMaps: new Map([["c", {}]]) };
    expect(envOf({ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } }] }, data)).toEqual({
      ok: false,
      why: "couldn't find key k in ConfigMap shop/c",
    });
  });

  test("text without $ expands to itself", () => {
    fc.assert(fc.property(fc.string(), (text) => expand(text.replaceAll("$", ""), { A: "1" }) === text.replaceAll("$", "")));
  });
});

describe("images", () => {
  const rules = wellKnownImages("/web");
  const argvOf = (container: Partial<Container>): unknown => {
    const choice = chooseProgram({ name: "c", ...container }, rules);
    return choice.ok ? choice.argv : choice.why;
  };
  test.each([
    [{ image: "nginx" }, ["/usr/local/bin/slash28-web", "80"]],
    [{ image: "docker.io/library/nginx:1.27-alpine@sha256:abc" }, ["/usr/local/bin/slash28-web", "80"]],
    [{ image: "registry:5000/team/nginx:x" }, ["/usr/local/bin/slash28-web", "80"]],
    [{ image: "nginx", command: ["sleep"], args: ["5"] }, ["sleep", "5"]],
    [{ image: "busybox" }, ["/bin/sh"]],
    [{ image: "busybox", args: [] }, ["/bin/sh"]],
    [{ image: "alpine:3", args: ["date", "-u"] }, ["date", "-u"]],
    [{ image: "ubuntu", command: ["sleep"], args: ["5"] }, ["sleep", "5"]],
    [{ image: "602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni-init:v1.19", command: ["/init"] }, ["/bin/true"]],
    [{ image: "example.com/any", command: ["echo"] }, ["echo"]],
  ])("%j runs %j", (container, argv) => {
    expect(argvOf(container)).toEqual(argv);
  });
  test.each([
    ["bash", ["-c", "echo $((1 + 1))"], "2"],
    ["bash", ["echo", "one", "and two"], "one and two"],
    ["curlimages/curl", ["echo", "curl"], "curl"],
  ])("%s with %j runs what its own script would", (image, args, said) => {
    const [program = "", ...rest] = argvOf({ image, args }) as readonly string[];
    expect(execFileSync(program, rest, { encoding: "utf8" })).toContain(said);
  });
  test("a pinned image's own program may be named by the command, whose further words are its arguments", () => {
    const agent = { image: "*/agent", entrypoint: ["node", "agent.mjs"], isPinned: true, program: "/agent" };
    const argv = (container: Partial<Container>): unknown => chooseProgram({ name: "c", image: "x/agent", ...container }, [agent]);
    expect(argv({ command: ["/go-runner", "/agent", "server"], args: ["-v"] })).toMatchObject({
      argv: ["node", "agent.mjs", "server", "-v"],
    });
    expect(argv({ command: ["/other"], args: ["-v"] })).toMatchObject({ argv: ["node", "agent.mjs", "-v"] });
  });
  test("an unknown image without a command says what to do", () => {
    expect(argvOf({ image: "example.com/any" })).toContain("give the container a command");
  });
});

describe("a pod's status", () => {
  const statusOf = (pod: Pod, states: readonly ContainerState[], init: readonly ContainerState[] = [], last: ContainerState = {}) => {
    const of = (prefix: string, all: readonly ContainerState[]) =>
      all.map((state, at) => ({
        name: `${prefix}${at}`,
        state,
        lastState: last,
        ready: state.running !== undefined,
        started: state.running !== undefined,
        restartCount: 0,
        image: "",
        imageID: "",
      }));
    return podStatus(
      pod,
      {
        hostIp: "10.0.0.9",
        startTime: "t0",
        hasSandbox: true,
        hasEnded: false,
        podIp: "10.0.0.5",
        init: of("i", init),
        containers: of("c", states),
      },
      undefined,
      "t1",
    );
  };
  const running = { running: { startedAt: "t" } };
  const waiting = { waiting: { reason: "ContainerCreating" } };
  const ended = (exitCode: number) => ({ terminated: { exitCode, reason: "x" } });
  test.each<[Pod["spec"]["restartPolicy"], readonly ContainerState[], readonly ContainerState[], ContainerState, string]>([
    ["Always", [running], [], {}, "Running"],
    ["Always", [running, waiting], [], {}, "Pending"],
    ["Always", [waiting], [], ended(1), "Running"],
    ["Always", [ended(0)], [], {}, "Running"],
    ["Never", [ended(0), ended(0)], [], {}, "Succeeded"],
    ["Never", [ended(0), ended(2)], [], {}, "Failed"],
    ["Never", [ended(2), running], [], {}, "Running"],
    ["OnFailure", [ended(2)], [], {}, "Running"],
    ["OnFailure", [ended(0)], [], {}, "Succeeded"],
    ["Always", [waiting], [running], {}, "Pending"],
    ["Never", [waiting], [ended(1)], {}, "Failed"],
  ])("%s, containers %j, init %j, before %j: %s", (restartPolicy, states, init, last, phase) => {
    expect(statusOf(aPod({ restartPolicy: restartPolicy ?? "Always" }), states, init, last).phase).toBe(phase);
  });

  test("names the containers that are not ready, and the readiness gate that is closed", () => {
    const conditions = statusOf(aPod(), [running, waiting]).conditions;
    expect(conditions?.find(({ type }) => type === "Ready")).toMatchObject({
      status: "False",
      message: "containers with unready status: [c1]",
    });
    const gated = statusOf(aPod({ readinessGates: [{ conditionType: "target-health" }] }), [running]).conditions;
    expect(gated?.find(({ type }) => type === "ContainersReady")?.status).toBe("True");
    expect(gated?.find(({ type }) => type === "Ready")).toMatchObject({ status: "False", reason: "ReadinessGatesNotReady" });
  });
});

describe("restarts and probes", () => {
  test("the first restart is immediate, then the wait doubles to its longest", () => {
    const waits: number[] = [];
    let now = NO_CRASH;
    for (let at = 0; at < 8; at++) {
      const { waitMs, next } = afterEnd(now, 1_000, { first: 10_000, max: 300_000 });
      waits.push(waitMs / 1_000);
      now = next;
    }
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(afterEnd(now, 600_000, { first: 10_000, max: 300_000 }).waitMs).toBe(0);
  });
  test("a longest wait below the first takes its place; one above leaves the first as it is", () => {
    const kubelets = { first: 10_000, max: 300_000 };
    expect(withLongestWait(kubelets, undefined)).toEqual(kubelets);
    expect(withLongestWait(kubelets, 1_000)).toEqual({ first: 1_000, max: 1_000 });
    expect(withLongestWait(kubelets, 60_000)).toEqual({ first: 10_000, max: 60_000 });
  });
  test("init containers run once, sidecars for ever, others by policy", () => {
    expect([
      isRestarted("Always", "init", 0),
      isRestarted("Always", "init", 1),
      isRestarted("Never", "init", 1),
      isRestarted("Never", "sidecar", 0),
    ]).toEqual([false, true, false, true]);
    expect([
      isRestarted(undefined, "main", 0),
      isRestarted("OnFailure", "main", 0),
      isRestarted("OnFailure", "main", 1),
      isRestarted("Never", "main", 1),
    ]).toEqual([true, false, true, false]);
  });
  test("a probe turns only after enough contrary results in a row", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 4 }), (results, failureThreshold) => {
        let state = { isPassing: true, contrary: 0 };
        for (const [at, result] of results.entries()) {
          const before = state;
          state = afterProbe(state, result, { failureThreshold });
          if (before.isPassing && !state.isPassing)
            expect(results.slice(at + 1 - failureThreshold, at + 1)).toEqual(Array.from({ length: failureThreshold }, () => false));
        }
      }),
    );
  });
  test("a probe finds a named port, and keeps a host header apart", () => {
    const container = { name: "c", ports: [{ name: "http", containerPort: 8080 }] };
    expect(
      probeTarget(
        {
          httpGet: {
            port: "http",
            path: "/up",
            httpHeaders: [
              { name: "Host", value: "x" },
              { name: "A", value: "b" },
            ],
          },
        },
        container,
        { podIp: "10.0.0.5" },
      ),
    ).toEqual({
      kind: "network",
      probe: { address: "10.0.0.5", port: 8080, timeoutMs: 1_000, http: { path: "/up", host: "x", headers: ["A: b"] } },
    });
    expect(probeTarget({ tcpSocket: { port: 9, host: "localhost" } }, container, { podIp: "10.0.0.5" })).toMatchObject({
      probe: { address: "127.0.0.1", port: 9 },
    });
    expect(probeTarget({ tcpSocket: { port: "none" } }, container, { podIp: "10.0.0.5" })).toMatchObject({ kind: "impossible" });
    const grpc = { grpc: { port: 9, service: "s" }, timeoutSeconds: 2 };
    expect(probeTarget(grpc, container, { podIp: "10.0.0.5" })).toEqual({
      kind: "network",
      probe: { address: "10.0.0.5", port: 9, timeoutMs: 2_000, grpc: { service: "s" } },
    });
  });
});

describe("files and paths", () => {
  test("resolv.conf follows the DNS policy", () => {
    const cluster = { dnsAddress: "172.20.0.10", domain: "cluster.local" };
    expect(resolvConf(aPod(), node, cluster)).toBe(
      "search shop.svc.cluster.local svc.cluster.local cluster.local ec2.internal\nnameserver 172.20.0.10\noptions ndots:5\n",
    );
    expect(resolvConf(aPod({ hostNetwork: true }), node, cluster)).toBe("search ec2.internal\nnameserver 169.254.169.253\n");
    expect(
      resolvConf(
        aPod({ dnsPolicy: "None", dnsConfig: { nameservers: ["1.1.1.1"], options: [{ name: "ndots", value: "2" }] } }),
        node,
        cluster,
      ),
    ).toBe("nameserver 1.1.1.1\noptions ndots:2\n");
  });
  test("the hosts file has the pod's full name under its subdomain", () => {
    expect(hostsFile(aPod({ subdomain: "db", hostname: "db-0" }), node, "10.0.0.5", "cluster.local")).toContain(
      "10.0.0.5\tdb-0.db.shop.svc.cluster.local\tdb-0",
    );
  });
  test("a path of the node never leaves its directory", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("..", ".", "etc", "run", "")), (parts) => onNode("/r", parts.join("/")).startsWith("/r")),
    );
    expect(onNode("/r", "/run/aws-node")).toBe(onNode("/r", "/var/run/aws-node"));
  });
  test("volume files come from every source of a projection", () => {
    const data = { ...noData, configMaps: new Map([["kube-root-ca.crt", { "ca.crt": "CA" }]]) };
    const volume = {
      name: "v",
      projected: {
        sources: [
          { serviceAccountToken: { path: "token", audience: "pods.eks.amazonaws.com", expirationSeconds: 600 } },
          { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          { downwardAPI: { items: [{ path: "ns", fieldRef: { fieldPath: "metadata.namespace" } }] } },
        ],
      },
    };
    expect(volumeFiles(volume, { pod: aPod(), node }, data)).toEqual({
      ok: true,
      files: [
        {
          kind: "token",
          path: "token",
          request: {
            namespace: "shop",
            serviceAccount: "default",
            pod: { name: "web", uid: "u1" },
            audience: "pods.eks.amazonaws.com",
            expirationSeconds: 600,
          },
        },
        { kind: "data", path: "ca.crt", data: "CA" },
        { kind: "data", path: "ns", data: "shop" },
      ],
    });
    expect(volumeFiles(volume, { pod: aPod(), node }, noData)).toEqual({ ok: false, why: 'configmap "kube-root-ca.crt" not found' });
  });
  test("directories on other file systems are shown, the kernel's and the container's own are not", () => {
    const mounts = [
      "1 0 8:1 / / rw - ext4 a rw",
      "2 1 0:5 / /proc rw - proc proc rw",
      "3 1 8:2 / /home rw - ext4 b rw",
      "4 3 8:3 / /home/data rw - xfs c rw",
      "5 1 8:4 / /run/x rw - ext4 d rw",
      "6 1 8:5 / /usr rw shared:1 - ext4 e rw",
      "",
    ];
    expect(hostMounts(mounts.join("\n"))).toEqual(["/home", "/usr"]);
  });
});

describe("what others are told", () => {
  test("CNI gets host ports, bandwidth in bits, annotations and the pod's name", () => {
    const pod = aPod(
      { containers: [{ name: "c", ports: [{ containerPort: 80, hostPort: 8080, protocol: "TCP" }, { containerPort: 81 }] }] },
      { annotations: { "kubernetes.io/ingress-bandwidth": "10M" } },
    );
    expect(podAttachment(pod, { id: "s1", netns: "/n" }, { domain: "cluster.local" })).toMatchObject({
      containerId: "s1",
      ifName: "eth0",
      args: { K8S_POD_NAMESPACE: "shop", K8S_POD_NAME: "web", K8S_POD_INFRA_CONTAINER_ID: "s1", K8S_POD_UID: "u1" },
      capabilities: {
        portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp", hostIP: "" }],
        bandwidth: { ingressRate: 10_000_000, ingressBurst: 4_294_967_295 },
      },
    });
  });
  test("log lines keep their time; tail and since choose; parts run on", () => {
    const lines = ["2026-01-01T00:00:00.5Z stdout F one", "2026-01-01T00:01:00.5Z stderr P tw", "2026-01-01T00:01:00.6Z stderr F o"].map(
      readLogLine,
    );
    expect(lines.map((line) => shownLine(line, false)).join("")).toBe("one\ntwo\n");
    expect(shownLine(lines[0] ?? readLogLine(""), true)).toBe("2026-01-01T00:00:00.5Z one\n");
    expect(selectLines(lines, { tailLines: 1 }, 0)).toEqual(lines.slice(2));
    expect(selectLines(lines, { sinceSeconds: 30 }, Date.parse("2026-01-01T00:01:10Z"))).toEqual(lines.slice(1));
  });
  test("reports are read whole, however they are cut", () => {
    const report = (kind: string, id: number, body: Buffer): Buffer => {
      const head = Buffer.alloc(9);
      head.writeUInt32LE(5 + body.length, 0);
      head.write(kind, 4, "latin1");
      head.writeUInt32LE(id, 5);
      return Buffer.concat([head, body]);
    };
    const all = Buffer.concat([report("L", 7, Buffer.from("ready")), report("F", 8, Buffer.from("no such file"))]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: all.length }), (cut) => {
        const first = readReports(all.subarray(0, cut));
        const second = readReports(Buffer.concat([first.rest, all.subarray(cut)]));
        expect([...first.reports, ...second.reports]).toEqual([
          { kind: "first-line", id: 7, line: "ready" },
          { kind: "refused", id: 8, why: "no such file" },
        ]);
        expect(second.rest).toHaveLength(0);
      }),
    );
    const frame = startFrame(3, { program: "/bin/a", args: ["b"], env: { C: "d" }, stdin: Buffer.from("in") });
    expect(frame.readUInt32LE(0)).toBe(frame.length - 4);
    expect(frame.subarray(21).toString()).toBe("/bin/a\0b\0C=d\0in");
  });
});
