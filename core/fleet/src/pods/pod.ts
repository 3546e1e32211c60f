import type { SandboxKey } from "@slash28/ipam";
import type { Ipv4 } from "@slash28/address";
import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import type { FleetNode } from "../nodes/node.ts";

export interface PodSpec {
  /** The only node group it may run on; absent: any. */
  readonly group: string | undefined;
  /** A Job's pod ends by itself after this. */
  readonly runsForMs: number | undefined;
  /** Of a DaemonSet: it comes and goes with its node. */
  readonly isDaemon: boolean;
  /** It has security groups of its own, and takes a branch ENI in place of an address of the pool. */
  readonly isIsolated: boolean;
}

/** One pod. `pending`: it has no node. `waiting`: it has a node and no address. */
export interface Pod {
  readonly key: SandboxKey;
  readonly spec: PodSpec;
  state: "pending" | "waiting" | "running" | "over";
  /** When it was wanted, or wanted again after a drain. */
  wantedAt: number;
  /** When it got its node. */
  seatedAt: number;
  node: FleetNode | undefined;
  /** Where it stands in its node's list. */
  seat: number;
  /** Its address and the subnet of that, while it runs. */
  address: Ipv4 | undefined;
  subnet: SubnetOfRun | undefined;
  /** When it ends by itself; `undefined` while that is not known. */
  endsAt: number | undefined;
}

export function makePod(number: number, spec: PodSpec, now: number): Pod {
  return {
    key: { networkName: "aws-cni", containerId: String(number), ifName: "eth0" },
    spec,
    state: "pending",
    wantedAt: now,
    seatedAt: now,
    node: undefined,
    seat: -1,
    address: undefined,
    subnet: undefined,
    endsAt: undefined,
  };
}
