import type { SandboxKey } from "@slash28/ipam";
import type { Ipv4 } from "@slash28/address";
import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import type { FleetNode } from "../nodes/node.ts";
import type { Happening } from "../time/event-queue.ts";

/** What pods of one kind have in common. */
export interface PodSpec {
  /** The only node group they may run on; absent: any. */
  readonly group: string | undefined;
  /** Of a DaemonSet: they come and go with their node. */
  readonly isDaemon: boolean;
  /** It has security groups of its own, and takes a branch ENI in place of an address of the pool. */
  readonly isIsolated: boolean;
}

/** Pods that nothing is known of. */
export const ANY_POD: PodSpec = { group: undefined, isDaemon: false, isIsolated: false };
export const DAEMON_POD: PodSpec = { group: undefined, isDaemon: true, isIsolated: false };

/** What becomes of a pod that ends by itself. */
export type WhenDone = (pod: Pod) => void;

/**
 * One pod. A fleet has millions, and each costs as few objects as it can: it is its own sandbox's key, and a Job's is also what happens when its
 * time is over.
 */
export class Pod implements SandboxKey, Happening {
  readonly containerId: string;
  readonly spec: PodSpec;
  /** A Job's pod ends by itself after this. */
  readonly runsForMs: number | undefined;
  /** `pending`: it has no node. `waiting`: it has a node and no address. */
  state: "pending" | "waiting" | "running" | "over" = "pending";
  /** When it was wanted, or wanted again after a drain. */
  wantedAt: number;
  /** When it got its node. */
  seatedAt: number;
  node: FleetNode | undefined;
  /** Its address and the subnet of that, while it runs. */
  address: Ipv4 | undefined;
  subnet: SubnetOfRun | undefined;
  /** When it ends by itself; `undefined` while that is not known. */
  endsAt: number | undefined;
  readonly #whenDone: WhenDone;

  constructor(number: number, spec: PodSpec, runsForMs: number | undefined, now: number, whenDone: WhenDone) {
    this.containerId = String(number);
    this.spec = spec;
    this.runsForMs = runsForMs;
    this.wantedAt = now;
    this.seatedAt = now;
    this.#whenDone = whenDone;
  }

  get networkName(): string {
    return "aws-cni";
  }

  get ifName(): string {
    return "eth0";
  }

  fire(): void {
    this.#whenDone(this);
  }
}
