import { randomUUID } from "node:crypto";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import type { AnyAction } from "./action.ts";
import { AwsError } from "./aws-error.ts";
import { EC2_ACTIONS } from "./ec2/index.ts";
import { createSettler } from "./settler.ts";
import { STS_ACTIONS } from "./sts/index.ts";
import { latencyMs, type Ec2Profile } from "./throttle/profile.ts";
import { seededRandom } from "./throttle/seeded-random.ts";
import { createThrottle, type ThrottleOrder } from "./throttle/throttle.ts";
import { requestWeight } from "./throttle/request-weight.ts";
import { credentialScope } from "./wire/credential-scope.ts";
import { decodeInput } from "./wire/decode.ts";
import { errorXml, successXml } from "./wire/envelope.ts";
import { formTree, type FormNode } from "./wire/form-tree.ts";
import { readForm } from "./wire/request-form.ts";
import { EC2_SCHEMA, STS_SCHEMA, type ServiceSchema } from "./wire/schema.ts";

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
}

export interface AwsEndpoint {
  /** Answers one HTTP request of any AWS client: EC2 and STS by the form's `Version`. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Orders throttling whatever the profile: a fault for tests and for `lab` users. */
  setThrottle(order: ThrottleOrder): void;
  /** Stops what is still to settle. */
  close(): void;
}

interface Service {
  readonly schema: ServiceSchema;
  readonly actions: ReadonlyMap<string, AnyAction>;
}

const byName = (actions: readonly AnyAction[]): ReadonlyMap<string, AnyAction> => new Map(actions.map((action) => [action.name, action]));

const EC2: Service = { schema: EC2_SCHEMA, actions: byName(EC2_ACTIONS) };
const STS: Service = { schema: STS_SCHEMA, actions: byName(STS_ACTIONS) };

/** The AWS services of the lab on one endpoint, over one cloud. */
export function createAwsEndpoint(options: AwsEndpointOptions): AwsEndpoint {
  const { cloud, clock, profile, log, afterMutation = () => undefined } = options;
  const throttle = createThrottle(profile);
  const random = seededRandom(options.seed ?? 0);
  const settler = createSettler({ cloud, clock, profile, random, log, afterMutation });

  const perform = async (
    service: Service,
    form: FormNode,
    request: Request,
  ): Promise<{ readonly action: string; readonly output: object }> => {
    const action = actionOf(service, form);
    const input = decodeInput(service.schema, service.schema.operations[action.name]?.input, form);
    if (!throttle.admits(requestWeight(action, input), clock.now())) throw new AwsError("RequestLimitExceeded", "Request limit exceeded.");
    const delayMs = latencyMs(profile, action.name, action.mutates, random());
    if (delayMs > 0) await clock.sleep(delayMs);
    const dryRun = input["DryRun"] === true;
    const caller = credentialScope(request.headers.get("authorization"));
    const output = action.run(input, { cloud, call: { now: clock.now(), dryRun: dryRun && action.mutates }, caller });
    if (dryRun) throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    if (action.mutates) {
      settler.settleDue();
      await afterMutation();
    }
    return { action: action.name, output };
  };

  const fetch = async (request: Request): Promise<Response> => {
    const requestId = randomUUID();
    let schema = EC2_SCHEMA;
    try {
      const form = formTree(await readForm(request));
      const service = serviceOf(form, request);
      schema = service.schema;
      const { action, output } = await perform(service, form, request);
      return xmlResponse(200, requestId, successXml(schema, action, output, requestId));
    } catch (cause) {
      const error = cause instanceof AwsError ? cause : internalError(log, requestId, cause);
      return xmlResponse(error.status, requestId, errorXml(schema, error, requestId));
    }
  };

  return { fetch, setThrottle: (order) => throttle.order(order), close: () => settler.close() };
}

/** The service a form is for: its API version names it; a form without one is judged by its signature. */
function serviceOf(form: FormNode, request: Request): Service {
  const version = form.children.get("Version")?.text;
  if (version === undefined) return credentialScope(request.headers.get("authorization"))?.service === "sts" ? STS : EC2;
  const service = [EC2, STS].find(({ schema }) => schema.version === version);
  if (service !== undefined) return service;
  throw new AwsError(
    "NoSuchVersion",
    `The API version '${version}' is not served here: EC2 is ${EC2_SCHEMA.version}, STS ${STS_SCHEMA.version}.`,
  );
}

function actionOf({ schema, actions }: Service, form: FormNode): AnyAction {
  const name = form.children.get("Action")?.text;
  if (name === undefined || name === "") throw new AwsError("MissingAction", "The request must contain the parameter Action");
  const action = actions.get(name);
  if (action !== undefined) return action;
  if (schema.otherActions.includes(name)) {
    throw new AwsError("UnsupportedOperation", `${name} is a real action that this lab's endpoint does not have.`);
  }
  throw new AwsError("InvalidAction", `The action ${name} is not valid for this web service.`);
}

/** A bug, or a failure of what follows EC2. The caller learns where to look and nothing else. */
function internalError(log: Log, requestId: string, cause: unknown): AwsError {
  log.error("an AWS request failed inside the lab", {
    requestId,
    detail: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  });
  return new AwsError("InternalError", `An internal error has occurred; the lab's log tells more under request id ${requestId}.`);
}

function xmlResponse(status: number, requestId: string, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId } });
}
