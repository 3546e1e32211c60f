import {
  cloudWatchFormService,
  cloudWatchService,
  createCloudWatch,
  createEksAuthService,
  createGate,
  createIdentityServices,
  createServiceQuotasService,
  OPEN_KEYS,
  operatorKeys,
  runLabMetrics,
  type AccessKeys,
  type AwsService,
  type FormService,
  type Gate,
  type Identities,
  type PodIdentities,
} from "../aws/index.ts";
import { issuerUrl } from "../aws/eks/index.ts";
import type { IamMode } from "../control/index.ts";
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
  readonly iam: IamMode;
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
  /** What operators may sign with. */
  readonly credentials: () => AccessKeys | undefined;
  readonly eks: EksSide;
  /** Stops what goes on by itself. */
  close(): void;
}

/** Composes what answers on the lab's AWS endpoint; each service is made in its own folder of `aws/`. */
export function createAwsServices(options: AwsServicesOptions): AwsServices {
  const { cloud, clock, log, state, iam, afterMutation } = options;
  const isStrict = iam === "strict";
  const gate = createGate(clock);
  const late: { eks?: EksSide } = {};
  const issuerDocuments = { read: async (url: string): Promise<unknown> => late.eks?.issuers.read(url) };
  const { identities, issuerKeys, formServices } = createIdentityServices({ cloud, clock, state, issuerDocuments, isStrict });
  gate.add(identities.authorizer.rule);
  const eks = createEksSide({ ...options, gate, callers: iamCallers(identities), vpcChanged: afterMutation });
  late.eks = eks;
  const cloudWatch = createCloudWatch(state.document("cloudwatch-alarms"));
  const labMetrics = runLabMetrics({ cloudWatch, cloud, clock });
  const place = { cloud, clock, gate, log };
  return {
    gate,
    services: [
      createEksAuthService({ ...place, identities, issuerKeys, pods: podIdentities(eks, cloud.region) }),
      ...eks.services,
      cloudWatchService(cloudWatch, place),
      createServiceQuotasService(place),
    ],
    formServices: [...formServices, cloudWatchFormService(cloudWatch)],
    identities,
    credentials: () => (isStrict ? operatorKeys(identities.account) : OPEN_KEYS),
    eks,
    close: () => labMetrics.stop(),
  };
}

/** EKS's clusters and associations, as EKS Auth asks for them. */
function podIdentities({ eks, associationOf }: EksSide, region: string): PodIdentities {
  return {
    cluster(name) {
      const found = Object.hasOwn(eks.state.clusters, name) ? eks.state.clusters[name] : undefined;
      return found === undefined ? undefined : { arn: found.arn, issuer: issuerUrl({ region }, found.issuerId) };
    },
    association: associationOf,
  };
}
