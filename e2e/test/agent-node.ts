import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cidr4, formatIpv4, ipv4, type InstanceId } from "@slash28/address";
import { createNamespace, deleteNamespace, listenInNamespace, namespacePath, systemClock } from "@slash28/linux";
import { eventually, quietLog } from "@slash28/testkit";
import { createCloud, type Cloud, type Ec2Result } from "@slash28/vpc";
import { build } from "esbuild";
import { createAwsEndpoint, createMetadataService, serve, type AwsEndpoint, type Serving } from "../../apps/lab/src/aws/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const REQUIRE = 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

export interface PluginRun {
  readonly code: number | null;
  readonly out: string;
  readonly ms: number;
}

/** One instance with a real agent process in a real namespace, on the lab's EC2. Pods are bare namespaces. */
export interface AgentNode {
  readonly cloud: Cloud;
  readonly aws: AwsEndpoint;
  readonly instanceId: InstanceId;
  readonly namespace: string;
  readonly folder: string;
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Kills the agent with this signal and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** The agent's process id; 0 while none runs. */
  pid(): number;
  makePod(name: string): string;
  removePod(name: string): void;
  plugin(verb: string, pod: string, config?: Readonly<Record<string, unknown>>): Promise<PluginRun>;
  /** GETs a path of the agent's Unix socket. */
  ask(path: string): Promise<string>;
  /** Runs a command in the node's namespace, or in a pod's. */
  run(where: string, ...command: readonly string[]): string;
  log(): string;
  close(): Promise<void>;
}

export interface AgentNodeOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly subnet?: string;
}

export function must<T>(result: Ec2Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

let nodes = 0;

export async function anAgentNode({ env = {}, type = "m5.large", subnet = "10.0.1.0/24" }: AgentNodeOptions = {}): Promise<AgentNode> {
  const namespace = `s28a-${process.pid}-${++nodes}`;
  const folder = mkdtempSync(join(tmpdir(), "slash28-agent-"));
  const bundleDir = join(root, "node_modules", ".cache", namespace);
  const bundle = join(bundleDir, "agent.mjs");
  await build({
    entryPoints: [join(root, "apps/agent/src/main.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["koffi"],
    banner: { js: REQUIRE },
  });
  const plugin = join(folder, "aws-cni");
  const compiled = spawnSync("cc", ["-Os", "-static", "-o", plugin, join(root, "apps/cni/native/aws-cni.c")]);
  if (compiled.status !== 0) throw new Error(`the plugin does not compile: ${String(compiled.stderr)}`);

  createNamespace(namespace);
  inNode("ip", "link", "set", "lo", "up");
  const now = { now: Date.now() };
  const cloud = createCloud({ region: "us-east-1", accountId: "111122223333", zones: [{ name: "us-east-1a", id: "use1-az1" }] });
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, now));
  const { id: subnetId } = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4(subnet) }, now));
  const instanceId = must(cloud.runInstances({ type, imageId: "ami-1", minCount: 1, maxCount: 1, subnetId }, now)).instances[0]!.id;
  const stopPlugging = cloud.subscribe(({ action }) => {
    if (action === "attachEni" || action === "detachEni") plugLinks(cloud, instanceId, inNode);
  });
  plugLinks(cloud, instanceId, inNode);
  const aws = createAwsEndpoint({ cloud, clock: systemClock, profile: "instant", log: quietLog });
  const metadata = createMetadataService({ cloud, instanceId, clock: systemClock });
  const listen = (handler: (asked: Request) => Promise<Response>, port: number): Promise<Serving> =>
    serve(handler, { kind: "descriptor", fd: listenInNamespace(namespacePath(namespace), ipv4("127.0.0.1"), port) });
  const servings = [await listen(aws.fetch, 4599), await listen(metadata.fetch, 1338)];

  const socket = join(folder, "agent.sock");
  const logFile = join(folder, "agent.log");
  const pods = new Set<string>();
  let child: ChildProcess | undefined;

  function inNode(...command: readonly string[]): string {
    return run(namespace, ...command);
  }

  const node: AgentNode = {
    cloud,
    aws,
    instanceId,
    namespace,
    folder,
    async start(more = {}) {
      mkdirSync(join(folder, "bin"), { recursive: true });
      child = spawn("ip", ["netns", "exec", namespace, process.execPath, bundle], {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env["PATH"],
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
          AWS_ENDPOINT_URL_EC2: "http://127.0.0.1:4599",
          AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1338",
          AWS_VPC_K8S_CNI_BACKING_STORE: join(folder, "ipam.json"),
          SLASH28_AGENT_SOCKET: socket,
          SLASH28_CNI_PLUGIN: plugin,
          HOST_CNI_BIN_PATH: join(folder, "bin"),
          HOST_CNI_CONFDIR_PATH: join(folder, "net.d"),
          AWS_VPC_K8S_PLUGIN_LOG_FILE: join(folder, "plugin.log"),
          ENABLE_IPv4: "true",
          ...env,
          ...more,
        },
      });
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => appendFileSync(logFile, text));
      await eventually("the agent to serve", async () => {
        if (child?.exitCode !== null) throw new Error(`the agent ended:\n${node.log()}`);
        return (await node.ask("/healthz").catch(() => "")) === "serving\n" && existsSync(join(folder, "net.d", "10-aws.conflist"));
      });
    },
    async kill(signal) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill(signal);
      await gone;
    },
    pid: () => child?.pid ?? 0,
    makePod(name) {
      const netns = `${namespace}-${name}`;
      createNamespace(netns);
      pods.add(name);
      return namespacePath(netns);
    },
    removePod(name) {
      deleteNamespace(`${namespace}-${name}`);
      pods.delete(name);
    },
    plugin: (verb, pod, config = {}) =>
      runPlugin(join(folder, "bin", "aws-cni"), verb, {
        pod,
        netns: namespacePath(`${namespace}-${pod}`),
        config: { agentSocket: socket, ...config },
      }),
    ask: (path) => askSocket(socket, path),
    run: (where, ...command) => run(where === "" ? namespace : `${namespace}-${where}`, ...command),
    log: () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : ""),
    async close() {
      await node.kill("SIGKILL");
      stopPlugging();
      aws.close();
      metadata.close();
      await Promise.all(servings.map((serving) => serving.close()));
      for (const pod of pods) deleteNamespace(`${namespace}-${pod}`);
      deleteNamespace(namespace);
      rmSync(folder, { recursive: true, force: true });
      rmSync(bundleDir, { recursive: true, force: true });
    },
  };
  return node;
}

function run(namespace: string, ...command: readonly string[]): string {
  const done = spawnSync("ip", ["netns", "exec", namespace, ...command], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${command.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** Every attached ENI has a link in the node's namespace: a wire whose other end nobody reads. */
function plugLinks(cloud: Cloud, instanceId: InstanceId, inNode: (...command: readonly string[]) => string): void {
  const present = inNode("ip", "-o", "link");
  const attached = cloud.view.attachedEnis(instanceId);
  for (const { mac, attachment } of attached) if (!present.includes(mac)) plugLink(attachment!.deviceIndex, mac, inNode);
  const [primary] = attached;
  // The operating system configures the primary ENI, nobody else.
  if (primary !== undefined && !inNode("ip", "-o", "addr", "show", "dev", "eth0").includes(formatIpv4(primary.primaryAddress)))
    inNode("ip", "addr", "add", `${formatIpv4(primary.primaryAddress)}/20`, "dev", "eth0");
  for (const [, name] of present.matchAll(/\d+: (eth\d+)@/g))
    if (!attached.some((eni) => `eth${eni.attachment?.deviceIndex}` === name)) inNode("ip", "link", "del", name!);
}

function plugLink(index: number, mac: string, inNode: (...command: readonly string[]) => string): void {
  inNode("ip", "link", "add", `eth${index}`, "address", mac, "mtu", "9001", "type", "veth", "peer", "name", `wire${index}`);
  inNode("ip", "link", "set", `wire${index}`, "up");
  inNode("ip", "link", "set", `eth${index}`, "up");
}

async function runPlugin(
  path: string,
  verb: string,
  { pod, netns, config }: { readonly pod: string; readonly netns: string; readonly config: Readonly<Record<string, unknown>> },
): Promise<PluginRun> {
  const started = performance.now();
  const child = spawn(path, {
    env: {
      CNI_COMMAND: verb,
      CNI_CONTAINERID: `sandbox-${pod}`,
      CNI_NETNS: netns,
      CNI_IFNAME: "eth0",
      CNI_PATH: "/opt/cni/bin",
      CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=${pod}`,
    },
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify({ cniVersion: "1.1.0", name: "aws-cni", type: "aws-cni", ...config }));
  const out: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out: Buffer.concat(out).toString(), ms: performance.now() - started };
}

function askSocket(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: 2_000 }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("end", () => resolve(Buffer.concat(chunks).toString()));
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** The address of an ADD, without its length. */
export function addressOf({ code, out }: PluginRun): string {
  const result = JSON.parse(out) as { ips?: readonly { address: string }[]; msg?: string };
  const address = result.ips?.[0]?.address;
  if (code !== 0 || address === undefined) throw new Error(result.msg ?? out);
  return address.replace("/32", "");
}
