import { formatIpv4, type Ipv4 } from "@slash28/address";
import type { Ledger, PodOwner } from "@slash28/ipam";
import { createWorkQueue, isNotFound, refusedStatus, RESOURCES, type WorkQueue } from "@slash28/kube";
import type { Clock, Kube, KubeObject, Log } from "@slash28/ports";

/** `ANNOTATE_POD_IP`: the address of a pod, for programs that must know it before kubelet has told its status. */
export const POD_IPS = "vpc.amazonaws.com/pod-ips";

export interface PodAnnotationOptions {
  readonly kube: Pick<Kube, "get" | "list" | "patch">;
  readonly nodeName: string;
  readonly ledger: Pick<Ledger, "reservations">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Keeps the pods' annotations at what the ledger has; nothing waits for it. */
export interface PodAnnotations {
  /** A pod got an address, or gave this one back. */
  readonly changed: (owner: PodOwner, address: Ipv4) => void;
  /** Compares every pod of the node: some may have come or gone while no agent ran. */
  readonly compareAll: () => void;
  readonly stop: () => Promise<void>;
}

/** The queue's key for all pods; a pod's own has a slash. */
const ALL = "*";

/**
 * Annotates pods after their request was answered, tries again while the API server is away, and follows the ledger, not the order of
 * requests. The annotation of a pod without an address is emptied only where it still says the address that the pod gave back.
 */
export function createPodAnnotations(options: PodAnnotationOptions): PodAnnotations {
  const { kube, clock, random, log } = options;
  const givenBack = new Map<string, string>();
  let mayPatch = true;

  async function annotate(pod: KubeObject, value: string): Promise<void> {
    const { name, namespace, resourceVersion } = pod.metadata;
    const body = { metadata: { resourceVersion, annotations: { [POD_IPS]: value } } };
    try {
      await kube.patch(RESOURCES.pods, name, namespace, { kind: "merge", body });
    } catch (cause) {
      if (isNotFound(cause)) return;
      if (refusedStatus(cause) !== 403) throw cause;
      mayPatch = false;
      log.warn("pods are not annotated: ANNOTATE_POD_IP needs patch on pods in the agent's ClusterRole", { why: String(cause) });
    }
  }

  async function compare(key: string, pod: KubeObject | undefined): Promise<void> {
    const said = pod?.metadata.annotations?.[POD_IPS] ?? "";
    const address = addressOf(options.ledger, key);
    const isStale = address === undefined && said !== "" && said === givenBack.get(key);
    if (pod !== undefined && address !== undefined && said !== address) await annotate(pod, address);
    if (pod !== undefined && isStale) await annotate(pod, "");
    givenBack.delete(key);
  }

  async function compareAll(): Promise<void> {
    const { items } = await kube.list(RESOURCES.pods, { fieldSelector: `spec.nodeName=${options.nodeName}` });
    for (const pod of items) {
      const key = `${pod.metadata.namespace ?? ""}/${pod.metadata.name}`;
      const said = pod.metadata.annotations?.[POD_IPS] ?? "";
      const address = addressOf(options.ledger, key);
      if (said === (address ?? "")) continue;
      // Nobody else annotates the pods of this node: what one says without having it was its address before.
      if (address === undefined) givenBack.set(key, said);
      queue.add(key);
    }
  }

  const queue: WorkQueue = createWorkQueue({
    clock,
    random,
    async work(key) {
      if (!mayPatch) return;
      if (key === ALL) return compareAll();
      const [namespace = "", name = ""] = key.split("/");
      await compare(key, await kube.get(RESOURCES.pods, name, namespace));
    },
    backOff: { firstMs: 200, longestMs: 30_000 },
  });

  return {
    changed(owner, address) {
      const key = `${owner.namespace}/${owner.name}`;
      givenBack.set(key, formatIpv4(address));
      queue.add(key);
    },
    compareAll: () => queue.add(ALL),
    stop: () => queue.stop(),
  };
}

/** A pod's first address; a pod with several links has one on its `eth0`. */
function addressOf(ledger: PodAnnotationOptions["ledger"], key: string): string | undefined {
  const held = ledger.reservations().filter(({ owner }) => owner !== undefined && `${owner.namespace}/${owner.name}` === key);
  const first = held.find((reservation) => reservation.key.ifName === "eth0") ?? held[0];
  return first === undefined ? undefined : formatIpv4(first.address);
}
