import { createGate, createIdentityServices, type AwsService, type FormService, type Gate, type Identities } from "../aws/index.ts";
import type { NameSource } from "../resolver/index.ts";
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
  readonly formServices: readonly FormService[];
  /** The account behind them: who may do what. */
  readonly identities: Identities;
  /** Names they give out, such as those of load balancers: the VPC's resolver answers them. */
  readonly names?: readonly NameSource[];
}

/** Composes what answers on the lab's AWS endpoint; each service is made in its own folder of `aws/`. */
export function createAwsServices({ cloud, clock, state }: AwsServicesOptions): AwsServices {
  const gate = createGate(clock);
  const { identities, formServices } = createIdentityServices({ cloud, clock, state });
  gate.add(identities.authorizer.rule);
  return { gate, services: [], formServices, identities };
}
