import { RESOURCES, createInformer } from "@slash28/kube";
import type { Clock, Kube, Log } from "@slash28/ports";
import type { EndpointSlice, Service } from "../controllers/objects/index.ts";
import { renderServices } from "./nftables-text.ts";
import { serviceRoutes } from "./service-rules.ts";

export interface KubeProxyOptions {
  readonly kube: Kube;
  readonly nodeName: string;
  /** Puts `nft -f` text into the node's network namespace. A rejection is tried again. */
  readonly apply: (text: string) => Promise<void>;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

export interface KubeProxy {
  /** Resolves once the rules of all services known at the start are in place. */
  readonly synced: Promise<void>;
  stop(): Promise<void>;
}

/** Changes within this time share one write: a rollout changes endpoints in bursts. */
const GATHER_MS = 20;
const RETRY_MS = 1_000;

/** Keeps the service rules of one node up to date. Stopping leaves them in place: connections outlive the program. */
export function createKubeProxy(options: KubeProxyOptions): KubeProxy {
  const { kube, clock, log } = options;
  const services = createInformer<Service>(kube, RESOURCES.services, options);
  const slices = createInformer<EndpointSlice>(kube, RESOURCES.endpointSlices, options);
  const stopped = new AbortController();
  let wake = (): void => undefined;
  let isStale = false;
  const changed = (): void => {
    isStale = true;
    wake();
  };
  let applied: string | undefined;
  const write = async (): Promise<void> => {
    const text = renderServices(serviceRoutes({ nodeName: options.nodeName, services: services.list(), slices: slices.list() }));
    if (text === applied) return;
    try {
      await options.apply(text);
      applied = text;
    } catch (error) {
      log.warn("cannot write service rules; trying again", { detail: error instanceof Error ? error.message : String(error) });
      isStale = true;
      await clock.sleep(RETRY_MS, stopped.signal);
    }
  };
  let markSynced = (): void => undefined;
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });

  async function follow(): Promise<void> {
    await Promise.race([Promise.all([services.synced, slices.synced]), whenAborted(stopped.signal)]);
    services.onChange(changed);
    slices.onChange(changed);
    isStale = true;
    while (!stopped.signal.aborted) {
      if (isStale) {
        isStale = false;
        await write();
        if (applied !== undefined) markSynced();
        await clock.sleep(GATHER_MS, stopped.signal);
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  const running = follow();
  return {
    synced,
    async stop() {
      stopped.abort();
      wake();
      await Promise.all([services.stop(), slices.stop()]);
      await running;
    },
  };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
