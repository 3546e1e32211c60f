import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createKubelet,
  createNodeHost,
  createPodSource,
  createServiceWatch,
  wellKnownImages,
} from "../../../src/kubernetes/kubelet/index.ts";
import type { Kubelet, KubeletOptions } from "../../../src/kubernetes/kubelet/index.ts";
import { clock, log } from "./kubelet-bench.ts";
import { memoryKube } from "./memory-kube.ts";

export interface SimulatedNode {
  readonly kube: ReturnType<typeof memoryKube>;
  readonly kubelet: Kubelet;
  /** What the plugin was asked so far: a verb and a namespace a line. */
  calls(): string;
  /** While away the plugin refuses everything, as it does when no agent answers. */
  setAway(isAway: boolean): void;
  stop(): Promise<void>;
}

/** A kubelet without a kernel and its node, whose plugin is a shell script. */
export async function simulatedNode(tuning: NonNullable<KubeletOptions["tuning"]> = {}): Promise<SimulatedNode> {
  const rootDir = mkdtempSync(join(tmpdir(), "slash28-simulated-"));
  mkdirSync(join(rootDir, "opt/cni/bin"), { recursive: true });
  mkdirSync(join(rootDir, "etc/cni/net.d"), { recursive: true });
  const plugin = join(rootDir, "opt/cni/bin/aws-cni");
  const refusal = `{"cniVersion":"1.1.0","code":11,"msg":"the agent is away"}`;
  writeFileSync(
    plugin,
    `#!/bin/sh
echo "$CNI_COMMAND $CNI_NETNS" >> ${rootDir}/calls
[ -e ${rootDir}/away ] && echo '${refusal}' && exit 1
[ $CNI_COMMAND = ADD ] && echo '{"ips":[{"address":"10.0.0.5/32"}]}'
exit 0
`,
  );
  chmodSync(plugin, 0o755);
  writeFileSync(
    join(rootDir, "etc/cni/net.d/10-aws.conflist"),
    JSON.stringify({ cniVersion: "1.0.0", name: "aws-cni", plugins: [{ type: "aws-cni" }] }),
  );
  const kube = memoryKube();
  const pods = createPodSource({ kube, clock, log, random: Math.random });
  const services = createServiceWatch({ kube, clock, log, random: Math.random });
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
    services,
    processes,
    cluster: { serviceHost: "172.20.0.1", servicePort: 443, caPem: "CA", domain: "cluster.local", token: async () => "token" },
    images: [{ image: "show-environment", entrypoint: ["/usr/bin/env"], runsSimulated: true }, ...wellKnownImages("/web")],
    dataPlane: { kind: "simulated" },
    clock,
    log,
    random: Math.random,
    tuning,
  });
  await kubelet.start();
  return {
    kube,
    kubelet,
    calls: () => (existsSync(join(rootDir, "calls")) ? readFileSync(join(rootDir, "calls"), "utf8") : ""),
    setAway: (isAway) => (isAway ? writeFileSync(join(rootDir, "away"), "") : rmSync(join(rootDir, "away"), { force: true })),
    async stop() {
      await kubelet.stop();
      await Promise.all([pods.stop(), services.stop()]);
      await processes.close();
      rmSync(rootDir, { recursive: true, force: true });
    },
  };
}
