import { MAIN_TABLE } from "@slash28/host-network";
import { Fault, type HostNetwork, type ObservedPod } from "@slash28/ports";
import { applyHostWiring, type NftMemory } from "./host-apply.ts";
import { openHostKernel, type HostKernel } from "./host-kernel.ts";
import { namespaceExists } from "./network-namespace.ts";
import { createLinkReaper, DYING_GROUP } from "./link-reaper.ts";
import { missingOfPod } from "./pod-check.ts";
import { unwirePod, wirePod, withPodKernel } from "./pod-wire.ts";

export interface HostNetworkOptions {
  /** Path of the namespace that is the host; absent: the one this process runs in. */
  readonly namespace?: string;
  /** How long host links of removed pods may gather before one batch deletes them, in milliseconds; 0 deletes each at once. */
  readonly linkDeleteDelayMs?: number;
}

/** The host network over netlink. */
export interface LinuxHostNetwork extends HostNetwork {
  /** Deletes the links still to be deleted and closes the sockets. */
  close(): void;
}

/** Runtimes remove a pod's namespace right after DEL, which takes the link along: the batch then finds little left to do. */
const LINK_DELETE_DELAY_MS = 1_000;

/** Opens a host's network. Needs CAP_NET_ADMIN in that namespace, and CAP_SYS_ADMIN to enter those of pods. */
export function createHostNetwork(options: HostNetworkOptions = {}): LinuxHostNetwork {
  const kernel = openHostKernel(options.namespace);
  const reaper = createLinkReaper(kernel, options.linkDeleteDelayMs ?? LINK_DELETE_DELAY_MS);
  const memory: NftMemory = {};

  return {
    applyHost(wiring) {
      // An earlier process may have ended with links waiting.
      reaper.reap();
      return applyHostWiring(kernel, wiring, memory);
    },
    wirePod: (wiring, netns) => wirePod(kernel, reaper, wiring, netns),
    unwirePod: (wiring) => unwirePod(kernel, reaper, wiring),
    checkPod(wiring, netns) {
      try {
        return withPodKernel(netns, (pod) => missingOfPod(kernel.socket, pod.socket, wiring));
      } catch (cause) {
        if (cause instanceof Fault && cause.code === "POD_NAMESPACE_GONE") return [cause.message];
        throw cause;
      }
    },
    hasNamespace: namespaceExists,
    observedPods: (vethPrefix) => observedPods(kernel, vethPrefix),
    linkMacs: () => kernel.netlink.links().flatMap((link) => (link.mac === undefined ? [] : [link.mac])),
    close() {
      reaper.close();
      kernel.close();
    },
  };
}

function observedPods({ netlink }: HostKernel, vethPrefix: string): readonly ObservedPod[] {
  const routed = new Map(
    netlink
      .routes(MAIN_TABLE)
      .filter((route) => route.destination.length === 32 && route.scope === "link")
      .map((route) => [route.link, route.destination.base]),
  );
  return netlink
    .links()
    .filter((link) => link.type === "veth" && link.name.startsWith(vethPrefix) && link.group !== DYING_GROUP)
    .map(({ name }) => {
      const address = routed.get(name);
      return address === undefined ? { hostLink: name } : { hostLink: name, address };
    });
}
