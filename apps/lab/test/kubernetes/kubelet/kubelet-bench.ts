import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { systemClock } from "@slash28/linux";
import type { Log } from "@slash28/ports";
import {
  createDataWatch,
  createKubelet,
  createPodSource,
  createServiceWatch,
  createSpawnHost,
  wellKnownImages,
} from "../../../src/kubernetes/kubelet/index.ts";
import type { Kubelet, KubeletTuning, Pod } from "../../../src/kubernetes/kubelet/index.ts";
import { memoryKube } from "./memory-kube.ts";
import type { MemoryKube } from "./memory-kube.ts";

export const clock = systemClock;

const complaints: string[] = [];
export const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message, fields) => void complaints.push(`${message} ${JSON.stringify(fields)}`),
  error: (message, fields) => void complaints.push(`${message} ${JSON.stringify(fields)}`),
  child: () => log,
};

const NODE_ADDRESS = "10.99.0.1";

/** One node with its own network namespace and a CNI plugin that is a shell script: a veth per pod, and switches to fail. */
export interface Bench {
  readonly kube: MemoryKube;
  readonly kubelet: Kubelet;
  readonly rootDir: string;
  /** What the plugin was called with, oldest first. */
  calls(): readonly {
    readonly command: string;
    readonly id: string;
    readonly netns: string;
    readonly args: string;
    readonly config: string;
  }[];
  /** Makes the plugin fail this verb until allowed again. */
  refuse(verb: "ADD" | "DEL"): void;
  allow(verb: "ADD" | "DEL"): void;
  installNetwork(): void;
  startPod(name: string, spec: Partial<Pod["spec"]> & Pick<Pod["spec"], "containers">): Promise<void>;
  exec(
    pod: string,
    command: readonly string[],
    options?: { tty?: boolean; stdin?: string },
  ): Promise<{ code: number; out: string; err: string }>;
  logs(pod: string, options?: { previous?: boolean; tailLines?: number }): Promise<string>;
  complaints(): readonly string[];
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly tuning?: Partial<KubeletTuning>;
  /** Without: no plugin is installed yet. */
  readonly hasNetwork?: boolean;
}

/** @param nativeDir the folder of the programs that pods are made of. */
export async function openBench(nativeDir: string, options: BenchOptions = {}): Promise<Bench> {
  complaints.length = 0;
  const rootDir = mkdtempSync(join(tmpdir(), "slash28-kubelet-"));
  const netns = `s28t-${rootDir.slice(-6)}`;
  execFileSync("ip", ["netns", "add", netns]);
  execFileSync("ip", ["-n", netns, "link", "set", "lo", "up"]);
  execFileSync("ip", ["-n", netns, "address", "add", `${NODE_ADDRESS}/32`, "dev", "lo"]);
  const kube = memoryKube();
  const processes = createSpawnHost(join(nativeDir, "slash28-spawn"));
  const pods = createPodSource({ kube, clock, log, random: Math.random });
  const changes = createDataWatch({ kube, clock, log, random: Math.random });
  const services = createServiceWatch({ kube, clock, log, random: Math.random });
  const kubelet = createKubelet({
    node: {
      name: "node-a",
      instanceId: "i-0abc",
      instanceType: "m5.large",
      zone: "us-east-1a",
      region: "us-east-1",
      address: NODE_ADDRESS,
      maxPods: 29,
      vcpus: 2,
      memoryMib: 8192,
      netnsPath: `/run/netns/${netns}`,
      rootDir,
      disksDir: join(rootDir, "disks"),
    },
    kube,
    pods,
    changes,
    services,
    processes,
    cluster: {
      serviceHost: "172.20.0.1",
      servicePort: 443,
      caPem: "CA\n",
      domain: "cluster.local",
      token: async ({ serviceAccount, pod }) => `token-of-${serviceAccount}-for-${pod.name}`,
    },
    images: wellKnownImages(join(nativeDir, "slash28-web")),
    dataPlane: {
      kind: "kernel",
      programs: {
        pause: join(nativeDir, "slash28-pause"),
        run: join(nativeDir, "slash28-run"),
        grpcProbe: join(nativeDir, "grpc-health-probe"),
      },
    },
    clock,
    log,
    random: Math.random,
    tuning: {
      sandboxRetryMs: { first: 50, max: 100 },
      containerRetryMs: { first: 100, max: 400 },
      networkCheckEveryMs: 50,
      leaseEveryMs: 200,
      ...options.tuning,
    },
  });
  const bench = benchOf({ kube, kubelet, rootDir });
  if (options.hasNetwork !== false) bench.installNetwork();
  await kubelet.start();
  return {
    ...bench,
    async close() {
      await kubelet.stop();
      await Promise.all([pods.stop(), changes.stop(), services.stop()]);
      await processes.close();
      execFileSync("ip", ["netns", "delete", netns]);
      rmSync(rootDir, { recursive: true, force: true });
    },
  };
}

function benchOf({ kube, kubelet, rootDir }: Pick<Bench, "kube" | "kubelet" | "rootDir">): Omit<Bench, "close"> {
  const switchOf = (verb: string): string => join(rootDir, `refuse-${verb}`);
  return {
    kube,
    kubelet,
    rootDir,
    calls() {
      const path = join(rootDir, "calls");
      if (!existsSync(path)) return [];
      return readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => {
          const [command = "", id = "", netns = "", args = "", config = ""] = line.split("|");
          return { command, id, netns, args, config };
        });
    },
    refuse: (verb) => writeFileSync(switchOf(verb), ""),
    allow: (verb) => rmSync(switchOf(verb), { force: true }),
    installNetwork() {
      mkdirSync(join(rootDir, "opt/cni/bin"), { recursive: true });
      mkdirSync(join(rootDir, "etc/cni/net.d"), { recursive: true });
      writeFileSync(join(rootDir, "opt/cni/bin/aws-cni"), pluginScript(rootDir));
      chmodSync(join(rootDir, "opt/cni/bin/aws-cni"), 0o755);
      writeFileSync(
        join(rootDir, "etc/cni/net.d/10-aws.conflist"),
        JSON.stringify({ cniVersion: "1.1.0", name: "aws-cni", plugins: [{ type: "aws-cni", capabilities: { portMappings: true } }] }),
      );
    },
    async startPod(name, spec) {
      await kube.create<Pod>(
        { group: "", version: "v1", plural: "pods" },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name, namespace: "default", labels: { app: name } },
          spec: { nodeName: "node-a", ...spec },
        },
      );
    },
    async exec(pod, command, { tty = false, stdin = "" } = {}) {
      const [input, out, err] = [new PassThrough(), new PassThrough(), new PassThrough()];
      input.end(stdin);
      const texts = Promise.all([text(out), text(err)]);
      const code = await kubelet.runtime.exec(
        { namespace: "default", pod },
        { command, tty, stdin: input, stdout: out, stderr: err, signal: new AbortController().signal },
      );
      out.end();
      err.end();
      const [said, complained] = await texts;
      return { code, out: said, err: complained };
    },
    async logs(pod, { previous = false, tailLines } = {}) {
      const asked = { follow: false, previous, timestamps: false, ...(tailLines === undefined ? {} : { tailLines }) };
      return await text(await kubelet.runtime.logs({ namespace: "default", pod }, asked, new AbortController().signal));
    },
    complaints: () => [...complaints],
  };
}

/** Records every call; ADD makes a veth with the next address of 10.99.1.0/24, routed both ways. */
function pluginScript(rootDir: string): string {
  return `#!/bin/sh
config=$(tr -d '\\n')
echo "$CNI_COMMAND|$CNI_CONTAINERID|$CNI_NETNS|$CNI_ARGS|$config" >> ${rootDir}/calls
if [ -e ${rootDir}/refuse-$CNI_COMMAND ]; then
  echo '{"cniVersion":"1.1.0","code":11,"msg":"failed to assign an IP address to container"}'; exit 1
fi
case $CNI_COMMAND in
ADD)
  n=2; while ! mkdir ${rootDir}/address-$n 2>/dev/null; do n=$((n+1)); done
  touch ${rootDir}/address-$n/$CNI_CONTAINERID
  set -e
  pid=\${CNI_NETNS#/proc/}; pid=\${pid%%/*}
  ip link add veth$n type veth peer name $CNI_IFNAME netns $pid
  ip link set veth$n up; ip route add 10.99.1.$n/32 dev veth$n
  nsenter --net=$CNI_NETNS sh -c "ip address add 10.99.1.$n/32 dev $CNI_IFNAME; ip link set $CNI_IFNAME up; ip route add ${NODE_ADDRESS}/32 dev $CNI_IFNAME"
  echo '{"cniVersion":"1.1.0","interfaces":[{"name":"veth'$n'"},{"name":"'$CNI_IFNAME'","sandbox":"'$CNI_NETNS'"}],"ips":[{"address":"10.99.1.'$n'/32","interface":1}]}';;
DEL)
  for d in ${rootDir}/address-*; do
    if [ -e $d/$CNI_CONTAINERID ]; then ip link del veth\${d##*-} 2>/dev/null; rm -r $d; fi
  done;;
esac
exit 0
`;
}
