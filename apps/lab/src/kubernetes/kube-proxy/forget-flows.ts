import { forgetFlows } from "@slash28/linux";
import type { StaleFlows } from "./stale-flows.ts";

/** Has the kernel of a node forget flows, by the `conntrack` program. */
export async function forgetStaleFlows(flows: readonly StaleFlows[], namespace: string): Promise<void> {
  for (const { protocol, address, port, backend } of flows) {
    await forgetFlows(
      [
        "--proto",
        protocol,
        "--orig-port-dst",
        String(port),
        ...(address === undefined ? [] : ["--orig-dst", address]),
        ...(backend === undefined ? [] : ["--reply-src", backend]),
      ],
      namespace,
    );
  }
}
