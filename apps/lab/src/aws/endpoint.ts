import { randomUUID } from "node:crypto";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { EC2_ACTIONS } from "./ec2/index.ts";
import { createFormEndpoint } from "./form-endpoint.ts";
import { createGate, type Gate } from "./gate.ts";
import { createIdentityServices } from "./identity-services.ts";
import { formService, type AwsService, type FormService } from "./service.ts";
import { createSettler } from "./settler.ts";
import type { Ec2Profile } from "./throttle/profile.ts";
import { seededRandom } from "./throttle/seeded-random.ts";
import { createThrottle } from "./throttle/throttle.ts";
import { EC2_SCHEMA } from "./wire/schema.ts";

export interface AwsEndpointOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly profile: Ec2Profile;
  /** Latencies follow from it; 0 when absent. */
  readonly seed?: number;
  readonly log: Log;
  /**
   * Awaited after every change, before the action is answered; also after an attachment or an instance has settled. Whatever
   * must follow EC2, such as the lab's fabric, catches up here.
   */
  readonly afterMutation?: () => Promise<void> | void;
  /** What every request passes first; one without rules when absent. Services of their own protocol pass the same gate. */
  readonly gate?: Gate;
  /** Services with a protocol of their own. */
  readonly services?: readonly AwsService[];
  /** Form services besides EC2. Absent: IAM and STS over an account of their own, which nobody is held to. */
  readonly formServices?: readonly FormService[];
}

export interface AwsEndpoint {
  /** Answers one HTTP request of any AWS client. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Stops what is still to settle. */
  close(): void;
}

/** The AWS services of the lab on one endpoint, over one cloud. */
export function createAwsEndpoint(options: AwsEndpointOptions): AwsEndpoint {
  const { cloud, clock, profile, log, afterMutation = () => undefined, services = [] } = options;
  const random = seededRandom(options.seed ?? 0);
  const settler = createSettler({ cloud, clock, profile, random, log, afterMutation });
  const ec2 = formService("ec2", EC2_SCHEMA, EC2_ACTIONS);
  const others = options.formServices ?? createIdentityServices({ cloud, clock }).formServices;
  const answerForm = createFormEndpoint({
    services: [ec2, ...others],
    cloud,
    clock,
    profile,
    random,
    log,
    gate: options.gate ?? createGate(clock),
    throttle: createThrottle(profile),
    settler,
    afterMutation,
  });
  return {
    fetch: (request) => {
      const requestId = randomUUID();
      const service = services.find((one) => one.takes(request));
      return service === undefined ? answerForm(request, requestId) : service.answer(request, requestId);
    },
    close: () => settler.close(),
  };
}
