import { createGate, type AwsService, type FormService, type Gate } from "../aws/index.ts";
import type { StateStore } from "../state/index.ts";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";

export interface AwsServicesOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateStore;
}

/** The AWS services of a lab besides EC2, and the gate they share with it. */
export interface AwsServices {
  readonly gate: Gate;
  readonly services: readonly AwsService[];
  /** Absent: the endpoint's own. */
  readonly formServices?: readonly FormService[];
}

/** Composes what answers on the lab's AWS endpoint; each service is made in its own folder of `aws/`. */
export function createAwsServices({ clock }: AwsServicesOptions): AwsServices {
  return { gate: createGate(clock), services: [] };
}
