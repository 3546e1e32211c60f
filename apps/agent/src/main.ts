import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createEc2, createImds, createMetadata, credentialSource, type Meter } from "@slash28/aws";
import { parseSettings } from "@slash28/ipam";
import { kubeFromCluster } from "@slash28/kube";
import { createFileJournal, createHostNetwork, systemClock as clock } from "@slash28/linux";
import { Fault, type Ec2, type HostNetwork } from "@slash28/ports";
import { createAgent, type Agent } from "./agent.ts";
import { endpointsOf, isSimulated, pathsOf } from "./environment.ts";
import { listenForIntrospection, listenForMetrics, listenOnGrpcSocket, listenOnSocket } from "./listeners.ts";
import { createPinoLog } from "./report/pino-log.ts";
import { createPromMetrics } from "./report/prom-metrics.ts";
import { INVALID_SETTINGS, reportSettings } from "./report/settings-report.ts";
import { createWarningEvents, type TellWarning } from "./report/warning-events.ts";
import { installPlugin } from "./start/install-plugin.ts";
import { limitsOfNode } from "./start/limits-of-node.ts";
import { whatIsMissing } from "./start/first-address-taint.ts";
import { followKube, type KubeSide } from "./start/kube-side.ts";
import { maxPodsOf, readIfThere, untilKnown } from "./start/start-steps.ts";
import { isModelled, simulatedNetwork } from "./start/simulated-network.ts";

const { env } = process;
const parsed = parseSettings(env);
const { settings } = parsed;
const paths = pathsOf(env, settings.agent);
const endpoints = endpointsOf(env, settings.agent);
const log = createPinoLog({ level: settings.agent.logLevel, ...(env["AWS_VPC_K8S_CNI_LOG_FILE"] ? { file: settings.agent.logFile } : {}) });
const complaint = reportSettings(env, parsed, log);

const fail = (cause: unknown): never => {
  log.error("the agent ends", { cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) });
  process.exit(1);
};
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

const metrics = createPromMetrics();
metrics.set("awscni_build_info", 1, { version: env["VPC_CNI_VERSION"] ?? "slash28", goversion: process.version });
const meter: Meter = ({ api, latencyMs, code, failed }) => {
  metrics.observe("awscni_aws_api_latency_ms", latencyMs, { api, error: String(failed), status: code });
  if (failed) metrics.add("awscni_aws_api_error_count", { api, error: code });
  if (api === "IMDS") return;
  metrics.add("awscni_ec2api_req_count", { fn: api });
  if (failed) metrics.add("awscni_ec2api_error_count", { fn: api });
};

const running: { agent?: Agent } = {};
let kubeSide: KubeSide | undefined;
const listeners = { clock, log, metrics, agent: () => running.agent };
const socket = await listenOnSocket(paths.socket, listeners);
const grpcSocket = await listenOnGrpcSocket(paths.grpcSocket, listeners, { version: env["VPC_CNI_VERSION"] || undefined, onBug: fail });
if (!settings.agent.metricsDisabled) void listenForMetrics(listeners);
if (!settings.agent.introspectionDisabled) void listenForIntrospection(settings.agent.introspectionAddress, listeners);

const stop = async (signal: string): Promise<void> => {
  log.info("the agent stops; pods keep running", { signal });
  await Promise.race([Promise.all([running.agent?.stop(), socket.close(), grpcSocket.close(), kubeSide?.stop()]), clock.sleep(3_000)]);
  process.exit(0);
};
process.once("SIGTERM", (signal) => void stop(signal));
process.once("SIGINT", (signal) => void stop(signal));

const imds = createImds({ endpoint: endpoints.metadata, clock, meter });
const metadata = createMetadata({ imds });
const identity = await untilKnown(() => metadata.identity(), clock, log);
const realEc2 = createEc2({
  region: env["AWS_REGION"] || identity.region,
  credentials: credentialSource({ env, imds, clock }),
  clock,
  random: Math.random,
  meter,
  timeoutMs: settings.agent.httpTimeoutMs,
  ...(endpoints.ec2 === undefined ? {} : { endpoint: endpoints.ec2 }),
});
const limits = await untilKnown(() => limitsOfNode(identity.instanceType, realEc2, log), clock, log);
const outside: { readonly ec2: Ec2; readonly network: HostNetwork } = isSimulated(env)
  ? simulatedNetwork(realEc2)
  : { ec2: realEc2, network: createHostNetwork() };

mkdirSync(dirname(paths.journal), { recursive: true });
let tell: TellWarning = () => undefined;
const agent = createAgent(
  { clock, log, metrics, metadata, journal: createFileJournal(paths.journal), ...outside },
  {
    settings,
    identity,
    limits,
    maxPods: maxPodsOf(limits),
    journalPath: paths.journal,
    readCheckpoint: () => readIfThere(paths.checkpoint),
    isModelled,
    random: Math.random,
    eniConfig: () =>
      kubeSide?.eniConfig() ?? Promise.reject(new Fault("KUBE_UNREACHABLE", { detail: "the node's ENIConfig is read from it" })),
    onFault: createWarningEvents((reason, message) => tell(reason, message), clock),
    onBug: fail,
  },
);
running.agent = agent;

if (settings.agent.nodeName !== undefined) {
  const inCluster = { env, readFile: (path: string) => readFile(path, "utf8"), clock, userAgent: "slash28-agent" };
  const kube = await kubeFromCluster(inCluster).catch((cause: Error) => {
    log.warn("the agent works without the Kubernetes API", { why: cause.message });
    return undefined;
  });
  if (kube !== undefined) {
    const podName = env["MY_POD_NAME"];
    kubeSide = followKube({
      kube,
      clock,
      log,
      random: Math.random,
      nodeName: settings.agent.nodeName,
      enis: settings.enis,
      onNode: (facts) => agent.nodeChanged(facts),
      onBug: fail,
      ...(podName ? { podName } : {}),
    });
    tell = kubeSide.tell;
    await kubeSide.ready(3_000);
    if (complaint !== undefined) tell(INVALID_SETTINGS, complaint);
  }
}

await agent.start();
// Before the plugin is there: with it the node is ready, and pods come.
await kubeSide?.holdPodsOff(() => whatIsMissing(agent.node, clock.now()));
const { plugin } = paths;
await installPlugin({
  settings,
  log,
  agentSocket: paths.socket,
  binDir: paths.cniBinDir,
  confDir: paths.cniConfDir,
  ...(plugin === undefined ? {} : { plugin }),
});
log.info("the agent serves pods", { node: settings.agent.nodeName, instance: identity.instanceId, type: identity.instanceType });
