import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createEc2, createImds, createMetadata, credentialSource } from "@slash28/aws";
import { parseSettings } from "@slash28/ipam";
import { createFileJournal, createHostNetwork, systemClock as clock } from "@slash28/linux";
import { Fault, type Ec2, type HostNetwork } from "@slash28/ports";
import { createAgent, type Agent } from "./agent.ts";
import { endpointsOf, isSimulated, pathsOf } from "./environment.ts";
import { listenForIntrospection, listenForMetrics, listenOnGrpcSocket, listenOnSocket } from "./listeners.ts";
import { createApiMeter } from "./report/api-meter.ts";
import { createAgentLog } from "./report/agent-log.ts";
import { createProcessMetrics } from "./report/process-metrics.ts";
import { createPromMetrics } from "./report/prom-metrics.ts";
import { INVALID_SETTINGS, reportSettings } from "./report/settings-report.ts";
import { createStartupTimer } from "./report/startup-timer.ts";
import { createWarningEvents, type TellEvent } from "./report/warning-events.ts";
import { watchedJournal } from "./report/watched-journal.ts";
import { installPlugin } from "./start/install-plugin.ts";
import { limitsOfNode } from "./start/limits-of-node.ts";
import { whatIsMissing } from "./start/first-address-taint.ts";
import { startKubeSide, type KubeSide } from "./start/kube-side.ts";
import { maxPodsOf, readIfThere, untilKnown } from "./start/start-steps.ts";
import { isModelled, simulatedNetwork } from "./start/simulated-network.ts";

const { env } = process;
const parsed = parseSettings(env);
const { settings } = parsed;
const paths = pathsOf(env, settings.agent);
const endpoints = endpointsOf(env, settings.agent);
const log = createAgentLog({
  level: settings.agent.logLevel,
  ...(env["AWS_VPC_K8S_CNI_LOG_FILE"] ? { file: settings.agent.logFile } : {}),
});
const complaint = reportSettings(env, parsed, log);

const fail = (cause: unknown): never => {
  log.error("the agent ends", { cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) });
  process.exit(1);
};
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

const metrics = createPromMetrics();
metrics.set("awscni_build_info", 1, { version: env["VPC_CNI_VERSION"] ?? "slash28", goversion: process.version });
const running: { agent?: Agent; kubeSide?: KubeSide | undefined } = {};
const tell: TellEvent = (event) => {
  running.kubeSide?.tell(event);
  return running.kubeSide !== undefined;
};
const events = createWarningEvents(tell, clock);
const meter = createApiMeter(metrics, events);

const listeners = { clock, log, random: Math.random, metrics, processMetrics: createProcessMetrics(metrics), agent: () => running.agent };
const socket = await listenOnSocket(paths.socket, listeners);
const grpcSocket = await listenOnGrpcSocket(paths.grpcSocket, listeners, { version: env["VPC_CNI_VERSION"] || undefined, onBug: fail });
if (!settings.agent.metricsDisabled) void listenForMetrics(listeners);
if (!settings.agent.introspectionDisabled) void listenForIntrospection(settings.agent.introspectionAddress, listeners);

const stop = async (signal: string): Promise<void> => {
  log.info("the agent stops; pods keep running", { signal });
  await Promise.race([
    Promise.all([running.agent?.stop(), socket.close(), grpcSocket.close(), running.kubeSide?.stop()]),
    clock.sleep(3_000),
  ]);
  process.exit(0);
};
process.once("SIGTERM", (signal) => void stop(signal));
process.once("SIGINT", (signal) => void stop(signal));

running.kubeSide = await startKubeSide({ env, clock, log, random: Math.random, settings, onBug: fail });
const imds = createImds({ endpoint: endpoints.metadata, clock, meter });
const metadata = createMetadata({ imds });
const hear = (fault: Fault): void => events.happened(fault);
const identity = await untilKnown(() => metadata.identity(), clock, log, hear);
const realEc2 = createEc2({
  region: env["AWS_REGION"] || identity.region,
  credentials: credentialSource({ env, imds, clock }),
  clock,
  random: Math.random,
  meter,
  timeoutMs: settings.agent.httpTimeoutMs,
  ...(endpoints.ec2 === undefined ? {} : { endpoint: endpoints.ec2 }),
});
const limits = await untilKnown(() => limitsOfNode(identity.instanceType, realEc2, log), clock, log, hear);
const outside: { readonly ec2: Ec2; readonly network: HostNetwork } = isSimulated(env)
  ? simulatedNetwork(realEc2)
  : { ec2: realEc2, network: createHostNetwork() };

mkdirSync(dirname(paths.journal), { recursive: true });
const agent = createAgent(
  {
    clock,
    log,
    metrics,
    metadata,
    journal: watchedJournal(createFileJournal(paths.journal), paths.journal, events),
    demand: createFileJournal(paths.demand),
    ...outside,
  },
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
      running.kubeSide?.eniConfig() ?? Promise.reject(new Fault("KUBE_UNREACHABLE", { detail: "the node's ENIConfig is read from it" })),
    onFault: hear,
    onOver: (code, object) => events.over(code, object),
    onBug: fail,
  },
);
running.agent = agent;

running.kubeSide?.onNode((facts) => agent.nodeChanged(facts));
await running.kubeSide?.ready(3_000);
if (complaint !== undefined) tell({ type: "Warning", reason: INVALID_SETTINGS, message: complaint });

const podAnnotations = settings.agent.annotatePodIp ? running.kubeSide?.annotatePods(agent.node.ledger) : undefined;
if (podAnnotations !== undefined) agent.sandboxes.onAddress = podAnnotations.changed;

const startup = createStartupTimer(metrics, () => running.kubeSide?.isConnected() ?? false);
try {
  await startup.initialize(() => agent.start());
} catch (cause) {
  if (cause instanceof Fault) events.happened(cause);
  // The event has to leave first.
  await clock.sleep(running.kubeSide === undefined ? 0 : 1_000);
  fail(cause);
}
podAnnotations?.compareAll();
// Before the plugin is there: with it the node is ready, and pods come.
await running.kubeSide?.holdPodsOff(() => whatIsMissing(agent.node, clock.now()));
const { plugin } = paths;
await installPlugin({
  settings,
  log,
  agentSocket: paths.socket,
  binDir: paths.cniBinDir,
  confDir: paths.cniConfDir,
  ...(plugin === undefined ? {} : { plugin }),
});
startup.serving();
log.info("the agent serves pods", { node: settings.agent.nodeName, instance: identity.instanceId, type: identity.instanceType });
