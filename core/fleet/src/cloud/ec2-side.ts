import { awsFaultCode, type FaultCode } from "@slash28/ports";
import type { Random } from "@slash28/simulation";
import { AccountBuckets, typicalLatencyMs, typicalSettleMs, type Call, type Cloud, type Ec2Error, type Ec2Result } from "@slash28/vpc";
import type { FleetEc2 } from "../fleet-input.ts";
import type { ActionCount, Ec2CallCounts } from "../fleet-result.ts";
import type { EventQueue } from "../time/event-queue.ts";
import type { Steps } from "../time/steps.ts";

/** A request as far as its way to EC2 goes. */
export interface Ec2Request {
  /** `AssignPrivateIpAddresses` */
  readonly action: string;
  /** Instances that it starts or ends. */
  readonly instances?: number;
  readonly isForPrefixes?: boolean;
}

export type Ec2Answer<T> =
  | { readonly kind: "done"; readonly value: T }
  /** `fault`: what it means to a driver. */
  | { readonly kind: "refused"; readonly fault: FaultCode; readonly error: Ec2Error }
  | { readonly kind: "throttled" };

interface Counts {
  total: number;
  throttled: number;
  refused: number;
}

/**
 * EC2 as it is reached from outside: a request takes half of its time to get there, meets the account's token buckets, is carried out by the
 * model, and the answer takes the other half.
 */
export class Ec2Side {
  readonly cloud: Cloud;
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #options: FleetEc2;
  readonly #buckets = new AccountBuckets();
  readonly #counts = new Map<string, Counts>();
  #total = 0;
  #throttled = 0;

  constructor(cloud: Cloud, queue: EventQueue, random: Random, options: FleetEc2) {
    this.cloud = cloud;
    this.#queue = queue;
    this.#random = random;
    this.#options = options;
  }

  get total(): number {
    return this.#total;
  }

  get throttled(): number {
    return this.#throttled;
  }

  /** Sends one request; `work` carries it out on the model when it is there and admitted. */
  *send<T>(request: Ec2Request, work: (call: Call) => Ec2Result<T>): Steps<Ec2Answer<T>> {
    const latencyMs = this.latencyMs(request.action);
    yield Math.floor(latencyMs / 2);
    const answer = this.serve(request, work);
    yield Math.ceil(latencyMs / 2);
    return answer;
  }

  /** How long a request takes, there and back. */
  latencyMs(action: string): number {
    return this.#options.latency === "none" ? 0 : typicalLatencyMs(action, isMutation(action), this.#random.next());
  }

  /** How long an attachment or an instance stays in a passing state. */
  settleMs(state: "attaching" | "detaching" | "shutting-down"): number {
    return this.#options.latency === "none" ? 0 : typicalSettleMs(state, this.#random.next());
  }

  counts(): Ec2CallCounts {
    const names = [...this.#counts.keys()].sort();
    const byAction = Object.fromEntries(names.map((name): [string, ActionCount] => [name, { ...this.#countsOf(name) }]));
    const throttledShare = this.#total === 0 ? 0 : Math.round((this.#throttled / this.#total) * 10_000) / 10_000;
    return { total: this.#total, throttled: this.#throttled, throttledShare, byAction };
  }

  /** Answers a request that has arrived. */
  serve<T>(request: Ec2Request, work: (call: Call) => Ec2Result<T>): Ec2Answer<T> {
    const { action, instances = 0 } = request;
    const { now } = this.#queue;
    const counts = this.#countsOf(action);
    this.#total++;
    counts.total++;
    const weight = { action, mutates: isMutation(action), unbounded: false, instances };
    if (this.#options.throttling && !this.#buckets.admits(weight, now, this.#options.requestsCountAs)) {
      this.#throttled++;
      counts.throttled++;
      return THROTTLED;
    }
    const result = work({ now });
    if (result.ok) return { kind: "done", value: result.value };
    counts.refused++;
    const { code, message } = result.error;
    const fault = awsFaultCode({ api: action, code, message, isForPrefixes: request.isForPrefixes === true });
    return { kind: "refused", fault, error: result.error };
  }

  #countsOf(action: string): Counts {
    const known = this.#counts.get(action);
    if (known !== undefined) return known;
    const counts = { total: 0, throttled: 0, refused: 0 };
    this.#counts.set(action, counts);
    return counts;
  }
}

const THROTTLED = { kind: "throttled" } as const;

function isMutation(action: string): boolean {
  return !action.startsWith("Describe");
}
