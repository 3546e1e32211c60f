import { createGate, createIdentityServices, type AwsService, type FormService, type Gate, type Identities } from "../aws/index.ts";
import type { NameSource } from "../resolver/index.ts";
import type { StateStore } from "../state/index.ts";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { createEksSide, type EksSide, type EksSideOptions } from "./eks/eks-side.ts";
import { iamCallers } from "./eks/iam-callers.ts";

export interface AwsServicesOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly state: StateStore;
  /** Node groups' side of EKS. */
  readonly nodeGroups: NonNullable<EksSideOptions["nodeGroups"]>;
  /** Called after a service has changed something in the VPC by itself. */
  readonly afterMutation: () => void;
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
  readonly eks: EksSide;
}

/** Composes what answers on the lab's AWS endpoint; each service is made in its own folder of `aws/`. */
export function createAwsServices({ cloud, clock, random, log, state, nodeGroups, afterMutation }: AwsServicesOptions): AwsServices {
  const gate = createGate(clock);
  const late: { eks?: EksSide } = {};
  const issuerDocuments = { read: async (url: string): Promise<unknown> => late.eks?.issuers.read(url) };
  const { identities, formServices } = createIdentityServices({ cloud, clock, state, issuerDocuments });
  gate.add(identities.authorizer.rule);
  const callers = iamCallers(identities);
  const eks = createEksSide({ cloud, clock, random, log, state, gate, callers, nodeGroups, vpcChanged: afterMutation });
  late.eks = eks;
  return { gate, services: eks.services, formServices, identities, eks };
}
