import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import type { AnyAction } from "./action.ts";
import { AwsError } from "./aws-error.ts";
import { signerOf, type Gate, type Signer } from "./gate.ts";
import { internalError } from "./internal-error.ts";
import { requestWeight } from "./throttle/request-weight.ts";
import { latencyMs, type Ec2Profile } from "./throttle/profile.ts";
import type { Throttle } from "./throttle/throttle.ts";
import type { FormService } from "./service.ts";
import type { Settler } from "./settler.ts";
import { credentialScope } from "./wire/credential-scope.ts";
import { decodeInput } from "./wire/decode.ts";
import { errorXml, successXml } from "./wire/envelope.ts";
import { formTree, type FormNode } from "./wire/form-tree.ts";
import { readForm } from "./wire/request-form.ts";

export interface FormEndpointOptions {
  /** The first is the one that answers a form that names no known service. */
  readonly services: readonly [FormService, ...FormService[]];
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly profile: Ec2Profile;
  readonly random: () => number;
  readonly log: Log;
  readonly gate: Gate;
  readonly throttle: Throttle;
  readonly settler: Pick<Settler, "settleDue">;
  readonly afterMutation: () => Promise<void> | void;
}

/** Answers requests of the two form protocols (ec2Query and awsQuery). Never rejects. */
export function createFormEndpoint(options: FormEndpointOptions): (request: Request, requestId: string) => Promise<Response> {
  const [first] = options.services;
  return async (request, requestId) => {
    let { schema } = first;
    try {
      const { fields, body } = await readForm(request);
      const form = formTree(fields);
      const service = serviceOf(options.services, form, request);
      schema = service.schema;
      const { action, output } = await perform(options, service, form, signerOf(request, body));
      return xmlResponse(200, requestId, successXml(schema, action, output, requestId));
    } catch (cause) {
      const error = cause instanceof AwsError ? cause : internalError(options.log, requestId, cause);
      return xmlResponse(error.status, requestId, errorXml(schema, error, requestId));
    }
  };
}

async function perform(
  { cloud, clock, profile, random, gate, throttle, settler, afterMutation }: FormEndpointOptions,
  service: FormService,
  form: FormNode,
  signer: Signer,
): Promise<{ readonly action: string; readonly output: object }> {
  const action = actionOf(service, form);
  const input = decodeInput(service.schema, service.schema.operations[action.name]?.input, form);
  await gate.pass({ ...signer, service: service.name, action: action.name, mutates: action.mutates, input });
  if (service.name === "ec2" && !throttle.admits(requestWeight(action, input), clock.now())) {
    throw new AwsError("RequestLimitExceeded", "Request limit exceeded.");
  }
  const delayMs = latencyMs(profile, action.name, action.mutates, random());
  if (delayMs > 0) await clock.sleep(delayMs);
  const dryRun = input["DryRun"] === true;
  const output = await action.run(input, { cloud, call: { now: clock.now(), dryRun: dryRun && action.mutates }, caller: signer.caller });
  if (dryRun) throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
  if (action.mutates) {
    settler.settleDue();
    await afterMutation();
  }
  return { action: action.name, output };
}

/** The service a form is for: its API version names it; a form without one is judged by its signature. */
function serviceOf(services: FormEndpointOptions["services"], form: FormNode, request: Request): FormService {
  const [first] = services;
  const version = form.children.get("Version")?.text;
  if (version === undefined) {
    const signed = credentialScope(request.headers.get("authorization"))?.service;
    return services.find(({ name }) => name === signed) ?? first;
  }
  const service = services.find(({ schema }) => schema.version === version);
  if (service !== undefined) return service;
  const served = services.map(({ name, schema }) => `${name} is ${schema.version}`).join(", ");
  throw new AwsError("NoSuchVersion", `The API version '${version}' is not served here: ${served}.`);
}

function actionOf({ schema, actions }: FormService, form: FormNode): AnyAction {
  const name = form.children.get("Action")?.text;
  if (name === undefined || name === "") throw new AwsError("MissingAction", "The request must contain the parameter Action");
  const action = actions.get(name);
  if (action !== undefined) return action;
  if (schema.otherActions.includes(name)) {
    throw new AwsError("UnsupportedOperation", `${name} is a real action that this lab's endpoint does not have.`);
  }
  throw new AwsError("InvalidAction", `The action ${name} is not valid for this web service.`);
}

function xmlResponse(status: number, requestId: string, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId } });
}
