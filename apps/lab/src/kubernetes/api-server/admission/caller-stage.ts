import { at, fail, forbidden, succeed, type ApiFailure, type KubeObject, type Result, type Store } from "@slash28/kube-store";

import type { Authorizer } from "../authorization/authorizer.ts";
import { escalationRefusal } from "../authorization/escalation-check.ts";
import { nodeRefusal } from "../authorization/node-restriction.ts";
import type { AdmissionAct, AdmissionStage } from "../operations/admission-stage.ts";
import { judgePolicies } from "../webhooks/judge-policies.ts";
import type { MatchContext } from "../webhooks/match-webhook.ts";
import type { Policy } from "../webhooks/policy.ts";
import { isExempt } from "../webhooks/webhook-pass.ts";
import { SIGNING_REQUESTS, stampedRequest } from "./stamp-signing-request.ts";
import type { Writer } from "./admission.ts";
import { withPodIdentity, type PodIdentitySource } from "./give-identity.ts";
import { limitRefusal } from "./limit-ranges.ts";
import { levelOf, violationText } from "./pod-security.ts";
import { quotaRefusal } from "./quotas.ts";

/** What a namespace has no room for, whoever asks. */
function fullRefusal({ store, definitions }: MatchContext, act: AdmissionAct): ApiFailure | undefined {
  if (act.operation !== "CREATE" && act.operation !== "UPDATE") return undefined;
  if (act.object === undefined || act.namespace === undefined || act.subresource !== undefined) return undefined;
  const isNew = act.before === undefined;
  const outside = isNew ? limitRefusal(store, act.definition.storage, act.object) : undefined;
  if (outside !== undefined || store.list("resourcequotas", act.namespace).length === 0) return outside;
  return quotaRefusal(store, [...new Set(definitions().map(({ storage }) => storage))], act);
}

/** Pods that are not of the level their namespace's labels enforce; warns of pods, and of what makes pods, below the level to warn of. */
function insecureRefusal(
  store: Store,
  { definition, object, operation, namespace, name, subresource }: AdmissionAct,
  writer: Writer,
): ApiFailure | undefined {
  const hasSpec = subresource === undefined || subresource === "ephemeralcontainers";
  if (namespace === undefined || object === undefined || !hasSpec || operation === "DELETE") return undefined;
  const labelled = store.get("namespaces", { name: namespace });
  const isPod = definition.storage === "pods";
  const spec = isPod
    ? object["spec"]
    : (at(object, "spec", "template", "spec") ?? at(object, "spec", "jobTemplate", "spec", "template", "spec"));
  if (spec === undefined || definition.custom !== undefined) return undefined;
  const refused = isPod ? violationText(levelOf(labelled, "enforce"), spec) : undefined;
  if (refused !== undefined) return forbidden(definition.storage, name, `violates ${refused}`);
  const warned = violationText(levelOf(labelled, "warn"), spec);
  if (warned !== undefined) writer.warn(`would violate ${warned}`);
  return undefined;
}

/** Charts bring them, so they are taken; whoever makes one should not wait for it. */
const AUTOSCALERS = "horizontalpodautoscalers.autoscaling";
const SCALES_NOTHING = "nothing measures CPU and memory in a lab, so this autoscaler scales nothing; set replicas with kubectl scale";

export interface CallerStageOptions {
  readonly authorizer: Authorizer;
  readonly policies: readonly Policy[];
  readonly context: MatchContext;
  readonly writer: Writer;
  /** Absent: a cluster whose pods get no AWS credentials from admission. */
  readonly podIdentity?: PodIdentitySource | undefined;
}

/**
 * What stands in the way of a write because of who makes it: a kubelet keeps to its own, nobody gives rights away they do not have, and
 * policies hold.
 */
export class CallerStage implements AdmissionStage {
  readonly #options: CallerStageOptions;

  constructor(options: CallerStageOptions) {
    this.#options = options;
  }

  mutate(act: AdmissionAct): Result<KubeObject | undefined> {
    const { writer, context, podIdentity } = this.#options;
    if (act.definition.storage === SIGNING_REQUESTS) return succeed(stampedRequest(act, writer.identity));
    return succeed(podIdentity === undefined ? act.object : withPodIdentity(act, context.store, podIdentity));
  }

  validate(act: AdmissionAct): Result<undefined> {
    const { authorizer, policies, context, writer } = this.#options;
    const { identity } = writer;
    const refused = nodeRefusal(context.store, identity, act) ?? escalationRefusal(authorizer, identity, act);
    if (refused !== undefined) return fail(refused);
    const full = fullRefusal(context, act);
    if (full !== undefined) return fail(full);
    if (act.operation === "CREATE" && act.definition.storage === AUTOSCALERS) writer.warn(SCALES_NOTHING);
    const insecure = insecureRefusal(context.store, act, writer);
    if (insecure !== undefined) return fail(insecure);
    if (policies.length === 0 || isExempt(act)) return succeed(undefined);
    const verdict = judgePolicies(policies, act, identity, context);
    for (const warning of verdict.warnings) writer.warn(warning);
    return verdict.refused === undefined ? succeed(undefined) : fail(verdict.refused);
  }
}
