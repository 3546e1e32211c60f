import { RESOURCES, createInformer } from "@slash28/kube";
import type { Clock, Kube, Log } from "@slash28/ports";
import type { EndpointSlice, Service } from "../controllers/objects/index.ts";
import { healthChecks, type ServiceHealth } from "./health-checks.ts";
import { renderChange, renderTable } from "./nftables-text.ts";
import { nodeTable, type NodeTable } from "./node-table.ts";
import { routeReader, type Family, type ServiceRoute } from "./service-rules.ts";
import { staleFlows, type StaleFlows } from "./stale-flows.ts";

export interface KubeProxyOptions {
  readonly kube: Kube;
  readonly nodeName: string;
  readonly zone?: string;
  /** Puts `nft -f` text into the node's network namespace. A rejection is tried again. */
  readonly apply: (text: string) => Promise<void>;
  /** Makes the kernel forget flows; a rejection is told of and left at that. */
  readonly forget?: (flows: readonly StaleFlows[]) => Promise<void>;
  /** Serves these health checks and no others, each at its port on the node. */
  readonly serveHealth?: (checks: readonly ServiceHealth[]) => Promise<void>;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

export interface KubeProxy {
  /** Resolves once the rules of all services known at the start are in place. */
  readonly synced: Promise<void>;
  /** When rules were last found to be right, and since when some are waiting; for the node's health. */
  freshness(): { readonly writtenAtMs: number | undefined; readonly waitingSinceMs: number | undefined };
  stop(): Promise<void>;
}

/** Changes within this time share one write: a rollout changes endpoints in bursts. */
const GATHER_MS = 20;
const RETRY_MS = 1_000;

/** What a node's kernel holds, as far as is known. */
interface Written {
  readonly routes: readonly ServiceRoute[];
  readonly tables: ReadonlyMap<Family, NodeTable>;
}

/** Keeps the service rules of one node up to date. Stopping leaves them in place: connections outlive the program. */
export function createKubeProxy(options: KubeProxyOptions): KubeProxy {
  const { kube, clock, log, nodeName, zone } = options;
  const services = createInformer<Service>(kube, RESOURCES.services, options);
  const slices = createInformer<EndpointSlice>(kube, RESOURCES.endpointSlices, options);
  const node = { nodeName, ...(zone === undefined ? {} : { zone }) };
  const readRoutes = routeReader(node);
  const stopped = new AbortController();
  let wake = (): void => undefined;
  let waitingSinceMs: number | undefined;
  let writtenAtMs: number | undefined;
  const changed = (): void => {
    waitingSinceMs ??= clock.now();
    wake();
  };
  let written: Written | undefined;
  const families = new Set<Family>(["ip"]);
  const write = async (): Promise<void> => {
    const view = { ...node, services: services.list(), slices: slices.list() };
    const routes = readRoutes(view);
    for (const { family } of routes) families.add(family);
    try {
      written = await writeTables(options, written, { routes, families });
      await options.serveHealth?.(healthChecks(view));
      writtenAtMs = clock.now();
    } catch (error) {
      // What the kernel holds is no longer known: the next write replaces all of it.
      written = undefined;
      log.warn("cannot write service rules; trying again", { detail: error instanceof Error ? error.message : String(error) });
      waitingSinceMs ??= clock.now();
      await clock.sleep(RETRY_MS, stopped.signal);
    }
  };
  const synced = onceCalled();

  async function follow(): Promise<void> {
    await Promise.race([Promise.all([services.synced, slices.synced]), whenAborted(stopped.signal)]);
    for (const informer of [services, slices]) informer.onChange(changed);
    changed();
    while (!stopped.signal.aborted) {
      if (waitingSinceMs !== undefined) {
        waitingSinceMs = undefined;
        await write();
        if (writtenAtMs !== undefined) synced.call();
        await clock.sleep(GATHER_MS, stopped.signal);
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  }
  const running = follow();
  return {
    synced: synced.promise,
    freshness: () => ({ writtenAtMs, waitingSinceMs }),
    async stop() {
      stopped.abort();
      wake();
      await Promise.all([services.stop(), slices.stop()]);
      await running;
      await options.serveHealth?.([]);
    },
  };
}

/** Writes what differs, in one transaction per family; a family that no service ever had gets no table. */
async function writeTables(
  { apply, forget, log }: KubeProxyOptions,
  before: Written | undefined,
  { routes, families }: { readonly routes: readonly ServiceRoute[]; readonly families: ReadonlySet<Family> },
): Promise<Written> {
  const tables = new Map<Family, NodeTable>();
  for (const family of families) {
    const known = before?.tables.get(family);
    const table = nodeTable(family, routes);
    const text = known === undefined ? renderTable(table) : renderChange(known, table);
    if (text !== "") await apply(text);
    tables.set(family, table);
  }
  // After the rules: a flow that is forgotten before them would be remembered the old way again.
  const stale = staleFlows(before?.routes ?? [], routes);
  if (stale.length > 0) {
    await forget?.(stale).catch((cause: unknown) => {
      log.warn("old UDP flows stay until they end by themselves", { detail: cause instanceof Error ? cause.message : String(cause) });
    });
  }
  return { routes, tables };
}

function onceCalled(): { readonly promise: Promise<void>; readonly call: () => void } {
  let call = (): void => undefined;
  const promise = new Promise<void>((resolve) => (call = resolve));
  return { promise, call: () => call() };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
