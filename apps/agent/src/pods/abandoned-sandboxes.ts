import { formatIpv4 } from "@slash28/address";
import { keyText } from "@slash28/ipam";
import type { PoolAgent } from "../pool/pool-agent.ts";
import type { KeyedLock } from "./keyed-lock.ts";
import { KERNEL_ONLY } from "./sandboxes.ts";

type Holders = Pick<PoolAgent, "node" | "sandboxes" | "ports">;

/** A plugin that was told its address wires it within milliseconds; after this long without a link it has given up. */
const WIRED_WITHIN_MS = 60_000;

/** Addresses that only a link in the kernel held back: free when the link is gone. */
export async function forgetKernelOnly({ node, sandboxes, ports }: Holders): Promise<void> {
  const found = node.ledger.reservations().filter((held) => held.key.networkName === KERNEL_ONLY);
  if (found.length === 0) return;
  const links = hostLinks({ node, ports });
  for (const { key } of found) if (!links.has(key.containerId)) await sandboxes.remove(key, undefined, undefined);
}

/**
 * Releases what was lent to sandboxes that are gone with their links and namespaces. The VPC CNI's plugin tells the runtime that a DEL
 * succeeded also when no agent answered it, so nobody would ever ask again.
 */
export async function forgetAbandoned({ node, sandboxes, ports }: Holders, lock: KeyedLock): Promise<void> {
  const before = ports.clock.now() - WIRED_WITHIN_MS;
  const lent = node.ledger
    .reservations()
    .filter(({ key, reservedAt }) => reservedAt < before && sandboxes.placeOf(key).wiredBy === "plugin");
  if (lent.length === 0) return;
  const links = hostLinks({ node, ports });
  for (const held of lent) {
    if (links.has(sandboxes.hostLinkOf(held)) || ports.network.hasNamespace(sandboxes.placeOf(held.key).netns)) continue;
    await lock.run(keyText(held.key), () => sandboxes.remove(held.key, held.owner, undefined));
    ports.log.info("a sandbox is gone that nobody deleted; its address is released", {
      address: formatIpv4(held.address),
      container: held.key.containerId.slice(0, 13),
    });
  }
}

function hostLinks({ node, ports }: Pick<Holders, "node" | "ports">): ReadonlySet<string> {
  return new Set(ports.network.observedPods(node.settings.host.vethPrefix).map((pod) => pod.hostLink));
}
