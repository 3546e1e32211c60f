import { existsSync, mkdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { formatIpv4 } from "@slash28/address";
import { createAwsEndpoint, createMetadataService, serve } from "@slash28/lab/aws";
import { createFabric, INTERNET, METADATA_ADDRESS, readTopology, type Fabric } from "@slash28/lab/fabric";
import { createSpawnHost, type HostProcess, type ProcessHost } from "@slash28/lab/kubelet";
import { listenInNamespace, systemClock } from "@slash28/linux";
import { until, type BenchContext } from "../bench.ts";
import { LAB_NAME } from "../namespaces.ts";
import { SILENT } from "../silent-log.ts";
import { aCloudWithNode, REGION, type CloudWithNode } from "./cloud-with-node.ts";

/** What the node is. */
export interface NodeSize {
  readonly instanceType: string;
  /** Addresses it keeps. */
  readonly pool: number;
}

/** Eight ENIs of 30 addresses: room for 110 pods while 110 others rest. */
const FOR_ROUNDS: NodeSize = { instanceType: "m5.4xlarge", pool: 230 };
const HTTP_PORT = 80;
const START_MS = 30_000;
/** As short as it can be said; rounds follow one another. */
export const COOLDOWN_SECONDS = 1;

/** How the agent counts its addresses. */
export interface PoolCounts {
  readonly free: number;
  readonly cooling: number;
  readonly assigned: number;
}

/** A node as the lab makes it: namespace, ENIs, metadata service, EC2 beyond the gateway; and the agent, a process of its own. */
export interface NodeUnderBench {
  readonly processes: ProcessHost;
  readonly agentPid: number;
  /** Where the node's network namespace is found. */
  readonly netns: string;
  readonly confDir: string;
  readonly binDir: string;
  pool(): Promise<PoolCounts | undefined>;
}

export async function openNode(context: BenchContext, size: NodeSize = FOR_ROUNDS): Promise<NodeUnderBench> {
  const { undo, folder, dist } = context;
  const node = aCloudWithNode(size.instanceType);
  const fabric = createFabric(LAB_NAME);
  undo.add("the fabric", () => fabric.close());
  await serveAws(node, fabric, context);
  const netns = fabric.namespaceOf(node.instanceId);
  const processes = createSpawnHost(join(dist, "native/slash28-spawn"));
  undo.add("the agent and its plugins", () => processes.close());
  const files = { confDir: join(folder, "net.d"), binDir: join(folder, "bin"), socket: join(folder, "agent.sock") };
  mkdirSync(folder, { recursive: true });
  const agent = await processes.start({
    program: "/usr/bin/nsenter",
    args: [`--net=${netns}`, process.execPath, "--max-semi-space-size=1", join(dist, "agent.mjs")],
    env: { ...agentEnv(context, files), MINIMUM_IP_TARGET: String(size.pool) },
  });
  const pool = (): Promise<PoolCounts | undefined> => readPool(files.socket);
  await warm(agent, { confDir: files.confDir, size, pool });
  return { processes, agentPid: agent.pid, netns, ...files, pool };
}

/** EC2 beyond the gateway, the metadata service on the instance. */
async function serveAws({ cloud, vpc, instanceId }: CloudWithNode, fabric: Fabric, { undo }: BenchContext): Promise<void> {
  const carry = (): void => fabric.carry(readTopology(cloud.view, cloud.view.vpc(vpc.id) ?? vpc));
  carry();
  const endpoint = createAwsEndpoint({ cloud, clock: systemClock, profile: "instant", log: SILENT, afterMutation: carry });
  const ec2 = await serve(endpoint.fetch, { kind: "descriptor", fd: listenInNamespace(fabric.internet, INTERNET.aws, HTTP_PORT) });
  const service = createMetadataService({ cloud, instanceId, clock: systemClock });
  const where = listenInNamespace(fabric.namespaceOf(instanceId), METADATA_ADDRESS, HTTP_PORT);
  const metadata = await serve(service.fetch, { kind: "descriptor", fd: where });
  undo.add("the node's AWS endpoints", async () => {
    endpoint.close();
    service.close();
    await Promise.all([ec2.close(), metadata.close()]);
  });
}

function agentEnv(
  { folder, dist }: BenchContext,
  files: { readonly confDir: string; readonly binDir: string; readonly socket: string },
): Readonly<Record<string, string>> {
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL_EC2: `http://${formatIpv4(INTERNET.aws)}`,
    CLUSTER_NAME: LAB_NAME,
    SLASH28_AGENT_SOCKET: files.socket,
    SLASH28_CNI_PLUGIN: join(dist, "native/aws-cni"),
    AWS_VPC_K8S_CNI_BACKING_STORE: join(folder, "ipam.json"),
    HOST_CNI_BIN_PATH: files.binDir,
    HOST_CNI_CONFDIR_PATH: files.confDir,
    AWS_VPC_K8S_PLUGIN_LOG_FILE: join(folder, "plugin.log"),
    WARM_IP_TARGET: "1",
    IP_COOLDOWN_PERIOD: String(COOLDOWN_SECONDS),
  };
}

/** Ready is when the configuration is there and the pool is full; an agent that ends says why. */
async function warm(
  agent: HostProcess,
  { confDir, size, pool }: { readonly confDir: string; readonly size: NodeSize; readonly pool: NodeUnderBench["pool"] },
): Promise<void> {
  let ended: string | undefined;
  void agent.exit.then(({ code, stdout, stderr }) => (ended = `${code}: ${stderr || stdout.split("\n").slice(-5).join("\n")}`));
  const isWarm = async (): Promise<boolean> => {
    if (ended !== undefined) throw new Error(`the agent ended with ${ended}`);
    return existsSync(join(confDir, "10-aws.conflist")) && ((await pool())?.free ?? 0) >= size.pool;
  };
  await until("the agent to be ready and its pool to be full", isWarm, START_MS);
}

function readPool(socketPath: string): Promise<PoolCounts | undefined> {
  return new Promise((resolve) => {
    const sent = request({ socketPath, path: "/pool" }, (reply) => {
      const parts: Buffer[] = [];
      reply.on("data", (part: Buffer) => parts.push(part));
      reply.on("end", () =>
        resolve(reply.statusCode === 200 ? (JSON.parse(Buffer.concat(parts).toString("utf8")) as PoolCounts) : undefined),
      );
      reply.on("error", () => resolve(undefined));
    });
    sent.on("error", () => resolve(undefined));
    sent.end();
  });
}
