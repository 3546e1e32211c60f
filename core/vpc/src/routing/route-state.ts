import type { VpcId } from "@slash28/address";
import type { State } from "../cloud/state.ts";
import type { RouteTarget } from "./routing.ts";

/** Whether a route's target is still there to take packets; EC2 shows the others as `blackhole` and drops what follows them. */
export function isTargetThere(state: State, vpcId: VpcId, target: RouteTarget): boolean {
  switch (target.kind) {
    case "local":
      return true;
    case "internet-gateway":
      return state.gateways.get(target.gatewayId)?.vpcId === vpcId;
    case "egress-only-gateway":
      return state.egressOnlyGateways.has(target.gatewayId);
    case "nat-gateway": {
      const nat = state.natGateways.get(target.natGatewayId);
      return nat?.state === "available" || nat?.state === "pending";
    }
    case "eni":
      return state.enis.get(target.eniId)?.status === "in-use";
    default:
      return target satisfies never;
  }
}
