import { Fault, type Clock, type Log } from "@slash28/ports";
import type { Agent } from "./agent.ts";
import { listenForPlugin, type CniSocket } from "./cni/socket-server.ts";
import { serveCni } from "./cni/serve-cni.ts";
import { listenForGrpc, type GrpcSocket } from "./grpc/grpc-socket.ts";
import { createRpcBackend } from "./grpc/rpc-backend.ts";
import { serveHttp, type HttpAnswer, type HttpEndpoint } from "./report/http-endpoint.ts";
import { introspect } from "./report/introspection.ts";
import { setPoolGauges } from "./report/pool-gauges.ts";
import type { PromMetrics } from "./report/prom-metrics.ts";

export interface ListenerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly metrics: PromMetrics;
  /** Brings the metrics of the process itself up to date. */
  readonly processMetrics: () => void;
  /** Absent while the instance is not known yet. */
  readonly agent: () => Agent | undefined;
}

const METRICS_ADDRESS = ":61678";
/** As the VPC CNI restarts its servers. */
const RETRY = { firstMs: 1_000, mostMs: 60_000, jitter: 0.2 } as const;
const TAKE_OVER_RETRY_MS = 200;
/** How long a predecessor may take to end. */
const TAKE_OVER_MS = 30_000;

/** The plugin's socket; waits for an agent that is still ending. */
export function listenOnSocket(path: string, options: ListenerOptions): Promise<CniSocket> {
  const { clock, log, agent } = options;
  return takeOver(path, options, () =>
    listenForPlugin({
      path,
      serve: (envelope) => agent()?.serve(envelope) ?? serveCni(envelope, { kind: "starting" }, log),
      health: () => agent()?.health() ?? { healthy: false, text: "starting" },
      pool: () => poolCounts(agent(), clock.now()),
      report: (asked) => (asked === "/metrics" ? metricsAnswer(options) : Promise.resolve(introspectionAnswer(options, asked))),
    }),
  );
}

/** The VPC CNI's gRPC socket, for its own plugin; waits likewise, also for the VPC CNI's agent. */
export function listenOnGrpcSocket(
  path: string,
  options: ListenerOptions,
  { version, onBug }: { readonly version: string | undefined; readonly onBug: (cause: unknown) => void },
): Promise<GrpcSocket> {
  const { log, agent } = options;
  const backend = createRpcBackend({ phase: () => agent()?.phase() ?? { kind: "starting" }, version, log });
  return takeOver(path, options, () => listenForGrpc(path, backend, onBug));
}

async function takeOver<T>(path: string, { clock, log }: ListenerOptions, listen: () => Promise<T>): Promise<T> {
  const deadline = clock.now() + TAKE_OVER_MS;
  for (;;) {
    try {
      return await listen();
    } catch (cause) {
      if (clock.now() >= deadline) throw cause;
      log.warn("the agent's socket is not free yet", { path, why: String(cause) });
      await clock.sleep(TAKE_OVER_RETRY_MS);
    }
  }
}

/** What the node holds, at a glance. */
function poolCounts(agent: Agent | undefined, now: number): Readonly<Record<string, number>> {
  if (agent === undefined) return {};
  const { ledger } = agent.node;
  return { ...ledger.counts(now), enis: ledger.enis().length, waiting: agent.sandboxes.waiters.count };
}

/** Prometheus metrics on port 61678 of every address, as the VPC CNI has them. */
export function listenForMetrics(options: ListenerOptions): Promise<HttpEndpoint> {
  return listen(METRICS_ADDRESS, options, async (path) => {
    if (path === "/healthz") return healthAnswer(options.agent());
    return path === "/metrics" ? await metricsAnswer(options) : text(404, "/metrics\n");
  });
}

async function metricsAnswer({ clock, metrics, processMetrics, agent: current }: ListenerOptions): Promise<HttpAnswer> {
  const agent = current();
  processMetrics();
  if (agent !== undefined) setPoolGauges(metrics, agent.node, agent.sandboxes, clock.now());
  return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: await metrics.render() };
}

export function listenForIntrospection(address: string, options: ListenerOptions): Promise<HttpEndpoint> {
  return listen(address, options, (path) =>
    Promise.resolve(path === "/healthz" ? healthAnswer(options.agent()) : introspectionAnswer(options, path)),
  );
}

function introspectionAnswer({ agent: current, clock }: ListenerOptions, path: string): HttpAnswer {
  const agent = current();
  if (agent === undefined) return text(503, `${new Fault("AGENT_STARTING").message}\n`);
  const { status, body } = introspect(path, agent.node, clock.now());
  return { status, type: "application/json", body: JSON.stringify(body) };
}

function healthAnswer(agent: Agent | undefined): HttpAnswer {
  const { healthy, text: said } = agent?.health() ?? { healthy: false, text: "starting" };
  return text(healthy ? 200 : 503, `${said}\n`);
}

function text(status: number, body: string): HttpAnswer {
  return { status, type: "text/plain; charset=utf-8", body };
}

/** Reports are not worth a node: when the port is taken the agent works without, and tries again, ever less often. */
async function listen(
  address: string,
  { clock, log, random }: ListenerOptions,
  answer: (path: string) => Promise<HttpAnswer>,
): Promise<HttpEndpoint> {
  for (let pauseMs: number = RETRY.firstMs; ; pauseMs = Math.min(pauseMs * 2, RETRY.mostMs)) {
    try {
      return await serveHttp(address, answer);
    } catch (cause) {
      const waitMs = pauseMs * (1 + RETRY.jitter * random());
      log.warn("an address to report on is not free", { address, why: String(cause), againInMs: Math.round(waitMs) });
      await clock.sleep(waitMs);
    }
  }
}
