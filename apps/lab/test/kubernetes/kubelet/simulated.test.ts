import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createKubelet, createNodeHost, createPodSource, wellKnownImages } from "../../../src/kubernetes/kubelet/index.ts";
import type { Pod } from "../../../src/kubernetes/kubelet/index.ts";
import { clock, log } from "./kubelet-bench.ts";
import { memoryKube } from "./memory-kube.ts";

test("without a kernel a pod gets its address from the same plugin, says what it is, and goes", async () => {
  const rootDir = mkdtempSync(join(tmpdir(), "slash28-simulated-"));
  const plugin = join(rootDir, "opt/cni/bin/aws-cni");
  mkdirSync(join(rootDir, "opt/cni/bin"), { recursive: true });
  mkdirSync(join(rootDir, "etc/cni/net.d"), { recursive: true });
  writeFileSync(
    plugin,
    `#!/bin/sh\necho "$CNI_COMMAND $CNI_NETNS" >> ${rootDir}/calls\n[ $CNI_COMMAND = ADD ] && echo '{"ips":[{"address":"10.0.0.5/32"}]}'\nexit 0\n`,
  );
  chmodSync(plugin, 0o755);
  writeFileSync(
    join(rootDir, "etc/cni/net.d/10-aws.conflist"),
    JSON.stringify({ cniVersion: "1.0.0", name: "aws-cni", plugins: [{ type: "aws-cni" }] }),
  );
  const kube = memoryKube();
  const pods = createPodSource({ kube, clock, log, random: Math.random });
  const processes = createNodeHost();
  const kubelet = createKubelet({
    node: {
      name: "node-a",
      instanceId: "i-1",
      instanceType: "m5.large",
      zone: "us-east-1a",
      region: "us-east-1",
      address: "10.0.0.9",
      maxPods: 29,
      vcpus: 2,
      memoryMib: 8192,
      netnsPath: "",
      rootDir,
    },
    kube,
    pods,
    processes,
    cluster: { serviceHost: "172.20.0.1", servicePort: 443, caPem: "CA", domain: "cluster.local", token: async () => "token" },
    images: wellKnownImages("/web"),
    dataPlane: { kind: "simulated" },
    clock,
    log,
    random: Math.random,
  });
  await kubelet.start();
  try {
    const spec = {
      nodeName: "node-a",
      initContainers: [{ name: "init", image: "busybox" }],
      containers: [{ name: "web", image: "nginx", readinessProbe: { httpGet: { port: 80 } } }],
    };
    await kube.create<Pod>(
      { group: "", version: "v1", plural: "pods" },
      { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "default" }, spec },
    );
    const [pod] = await kube.until<Pod>(
      "pods",
      "the pod is ready",
      (all) => all[0]?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True",
    );
    expect(pod?.status).toMatchObject({ phase: "Running", podIP: "10.0.0.5" });
    const name = { namespace: "default", pod: "web" };
    const { signal } = new AbortController();
    expect(await text(await kubelet.runtime.logs(name, { follow: false, previous: false, timestamps: false }, signal))).toContain(
      "no process runs",
    );
    await expect(kubelet.runtime.exec(name, { command: ["ls"], tty: false, signal })).rejects.toThrow("start the lab as root on Linux");
    await expect(
      kubelet.runtime.logs({ ...name, pod: "other" }, { follow: false, previous: false, timestamps: false }, signal),
    ).rejects.toMatchObject({ code: "KUBE_REFUSED", fields: { status: 404 } });
    kube.markDeleted("web", 30);
    await kube.until("pods", "the pod is gone", (all) => all.length === 0);
    expect(readFileSync(join(rootDir, "calls"), "utf8")).toMatch(/^ADD simulated:([0-9a-f]{64})\nDEL simulated:\1\n$/);
  } finally {
    await kubelet.stop();
    await pods.stop();
    await processes.close();
    rmSync(rootDir, { recursive: true, force: true });
  }
});
