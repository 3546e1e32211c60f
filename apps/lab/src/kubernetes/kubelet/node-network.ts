import { join } from "node:path";
import type { Clock } from "@slash28/ports";
import { addressesOf, firstNetwork } from "./cni-runtime/index.ts";
import type { Attachment, CniRuntime, NetworkList } from "./cni-runtime/index.ts";

export type NetworkState = { readonly isReady: true } | { readonly isReady: false; readonly why: string };

export type AddressOutcome = { readonly ok: true; readonly address: string } | { readonly ok: false; readonly message: string };

/** A node's pod network: the configuration in /etc/cni/net.d, and its plugins. */
export interface NodeNetwork {
  /** As of the last check; a pod that needs the network waits until it is ready. */
  state(): NetworkState;
  check(): Promise<NetworkState>;
  /** Calls back on every change of readiness. */
  onChange(listener: (state: NetworkState) => void): () => void;
  attach(attachment: Attachment): Promise<AddressOutcome>;
  /** `undefined` when done; the reason when it must be tried again. */
  detach(attachment: Attachment): Promise<string | undefined>;
}

const NOT_INITIALIZED = "cni plugin not initialized";
/** How long an answer to STATUS is believed while it is good. */
const STATUS_FRESH_MS = 10_000;

export function createNodeNetwork(options: { readonly rootDir: string; readonly cni: CniRuntime; readonly clock: Clock }): NodeNetwork {
  const configDir = join(options.rootDir, "etc/cni/net.d");
  const listeners = new Set<(state: NetworkState) => void>();
  const used = new Map<string, NetworkList>();
  let state: NetworkState = { isReady: false, why: NOT_INITIALIZED };
  let checkedAt = 0;
  let checking: Promise<NetworkState> | undefined;
  const decide = async (): Promise<NetworkState> => {
    const list = firstNetwork(configDir);
    if (list === undefined) return { isReady: false, why: NOT_INITIALIZED };
    if (state.isReady && options.clock.now() - checkedAt < STATUS_FRESH_MS) return state;
    checkedAt = options.clock.now();
    const status = await options.cni.status(list);
    return status.ok ? { isReady: true } : { isReady: false, why: status.message };
  };
  const checkOnce = async (): Promise<NetworkState> => {
    const before = state;
    state = await decide();
    const isSame = before.isReady === state.isReady && (before.isReady || state.isReady || before.why === state.why);
    if (!isSame) for (const listener of listeners) listener(state);
    return state;
  };
  /** After a refusal the plugin is asked anew how it is: pods that wait then go on as soon as it is well again. */
  const doubted = (message: string): string => {
    checkedAt = 0;
    return message;
  };
  return {
    state: () => state,
    // A hundred waiting pods that ask at once get one answer.
    check: () => (checking ??= checkOnce().finally(() => (checking = undefined))),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async attach(attachment) {
      const list = firstNetwork(configDir);
      if (list === undefined) return { ok: false, message: NOT_INITIALIZED };
      used.set(attachment.containerId, list);
      const outcome = await options.cni.add(list, attachment);
      if (!outcome.ok) return { ok: false, message: doubted(outcome.message) };
      const address = addressesOf(outcome.value, attachment.ifName)[0];
      return address === undefined
        ? { ok: false, message: `failed to find network info for sandbox "${attachment.containerId}"` }
        : { ok: true, address };
    },
    async detach(attachment) {
      // The configuration of ADD, not today's: the agent may have written another one since.
      const list = used.get(attachment.containerId);
      if (list === undefined) return undefined;
      const outcome = await options.cni.del(list, attachment);
      if (!outcome.ok) return doubted(outcome.message);
      used.delete(attachment.containerId);
      return undefined;
    },
  };
}

/** Kubelet's words for a node without pod network, in events and in the node's Ready condition. */
export function networkNotReady(why: string): string {
  return `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: ${why}`;
}
