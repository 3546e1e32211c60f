import { containerPorts } from "../controllers/objects/index.ts";
import type { Container, PodSpec } from "../controllers/objects/index.ts";
import { quantity } from "./quantity.ts";

/** Amounts per resource name, in base units: cores, bytes, pieces. */
export type Amounts = ReadonlyMap<string, number>;

/**
 * What a pod needs of its node: its containers and sidecars together, or an init container with the sidecars started before it
 * where that is more, plus the runtime's overhead. Every pod also takes one of the node's places, `pods`.
 */
export function podRequests(spec: PodSpec): Amounts {
  const running = new Map<string, number>();
  const starting = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    const isSidecar = container.restartPolicy === "Always";
    for (const [name, amount] of amountsOf(container)) {
      const during = (running.get(name) ?? 0) + amount;
      starting.set(name, Math.max(starting.get(name) ?? 0, during));
      if (isSidecar) running.set(name, during);
    }
  }
  for (const container of spec.containers) {
    for (const [name, amount] of amountsOf(container)) running.set(name, (running.get(name) ?? 0) + amount);
  }
  for (const [name, amount] of starting) running.set(name, Math.max(running.get(name) ?? 0, amount));
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) running.set(name, (running.get(name) ?? 0) + quantity(amount));
  return running.set("pods", 1);
}

/** Requests; a limit without a request counts as one, as the API server defaults it. */
function amountsOf(container: Container): readonly (readonly [string, number])[] {
  const { requests, limits } = container.resources ?? {};
  return Object.entries({ ...limits, ...requests }).map(([name, amount]) => [name, quantity(amount)] as const);
}

/** `protocol/port` of every port a pod takes on its node's own address. */
export function hostPorts(spec: PodSpec): readonly string[] {
  const taken = (port: NonNullable<Container["ports"]>[number]): number | undefined => {
    return port.hostPort ?? (spec.hostNetwork === true ? port.containerPort : undefined);
  };
  return containerPorts(spec).flatMap((port) => {
    const number = taken(port);
    return number === undefined || number === 0 ? [] : [`${port.protocol ?? "TCP"}/${number}`];
  });
}
