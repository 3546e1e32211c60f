import type { Log } from "@slash28/ports";
import {
  applyJsonPatch,
  fail,
  fieldsOf,
  isFields,
  sameJson,
  succeed,
  type ApiFailure,
  type KubeObject,
  type Result,
} from "@slash28/kube-store";

import type { Writer } from "../admission/admission.ts";
import type { AdmissionAct } from "../operations/admission-stage.ts";
import { decode } from "../operations/create-object.ts";
import type { Written } from "../operations/cluster.ts";
import { objectsOf, requestOf, type ReviewAnswer } from "./admission-review.ts";
import type { ResourceDefinition } from "../resources/resource-definition.ts";
import { callWebhook, type CallOptions } from "./call-webhook.ts";
import { judgeConditions } from "./match-conditions.ts";
import { matchedAs, type MatchContext } from "./match-webhook.ts";
import type { Webhook } from "./webhook.ts";

export interface WebhookRun extends MatchContext {
  readonly calls: CallOptions;
  readonly newUid: () => string;
  readonly log: Log;
}

/** The object as mutating webhooks leave it: one after the other, and those that ask for it again after a later one changed it. */
export async function mutateByWebhooks(
  webhooks: readonly Webhook[],
  act: AdmissionAct,
  writer: Writer,
  run: WebhookRun,
): Promise<Result<KubeObject | undefined>> {
  let object = act.object;
  const leftAs = new Map<Webhook, KubeObject | undefined>();
  for (const webhook of webhooks) {
    const changed = await mutateOnce(webhook, { ...act, object }, writer, run);
    if (!changed.ok) return changed;
    object = changed.value;
    if (webhook.isReinvoked) leftAs.set(webhook, object);
  }
  for (const [webhook, left] of leftAs) {
    if (sameJson(left, object)) continue;
    const changed = await mutateOnce(webhook, { ...act, object }, writer, run);
    if (!changed.ok) return changed;
    object = changed.value;
  }
  return succeed(object);
}

async function mutateOnce(webhook: Webhook, act: AdmissionAct, writer: Writer, run: WebhookRun): Promise<Result<KubeObject | undefined>> {
  const asked = await ask(webhook, act, writer, run);
  if (!asked.ok) return asked;
  const { answer, as } = asked.value;
  if (answer?.kind !== "allowed" || answer.patch === undefined) return succeed(act.object);
  const patched = patchedBy(answer.patch, act, as);
  if (patched.ok) return patched;
  return onFault(webhook, patched.failure.message, act.object, run);
}

/** Patches are for the version the webhook saw; the outcome must still be that object. */
function patchedBy(patch: unknown, act: AdmissionAct, as: ResourceDefinition): Result<KubeObject | undefined> {
  const { object } = act;
  if (object === undefined) return succeed(undefined);
  const patched = applyJsonPatch(objectsOf(act, as).object, patch);
  if (!patched.ok) return patched;
  const decoded = act.sent === undefined ? decode(as, patched.value, { fieldValidation: "Ignore" }) : sentObject(patched.value);
  if (!decoded.ok) return decoded;
  const { metadata } = decoded.value.object;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const kept = Object.fromEntries(Object.entries({ name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined));
  const changed = { ...decoded.value.object, metadata: { ...metadata, ...kept } };
  return succeed(isFields(changed) ? { ...changed, apiVersion: object.apiVersion, kind: object.kind } : object);
}

function sentObject(body: unknown): Result<Written> {
  if (!isFields(body)) return fail({ code: 500, reason: "InternalError", message: "the patch leaves no object" });
  return succeed({ object: { ...body, apiVersion: "", kind: "", metadata: { ...fieldsOf(body["metadata"]), name: "" } }, warnings: [] });
}

/** What validating webhooks say; all are asked at once, the first in order that refuses is heard. */
export async function validateByWebhooks(
  webhooks: readonly Webhook[],
  act: AdmissionAct,
  writer: Writer,
  run: WebhookRun,
): Promise<Result<undefined>> {
  const answers = await Promise.all(webhooks.map((webhook) => ask(webhook, act, writer, run)));
  for (const answer of answers) if (!answer.ok) return answer;
  return succeed(undefined);
}

interface Asked {
  /** Absent: it was not concerned after all, or its failure is ignored. */
  readonly answer: ReviewAnswer | undefined;
  readonly as: ResourceDefinition;
}

async function ask(webhook: Webhook, act: AdmissionAct, writer: Writer, run: WebhookRun): Promise<Result<Asked>> {
  const as = matchedAs(webhook, act, run);
  if (as === undefined) return succeed({ answer: undefined, as: act.definition });
  const question = { uid: run.newUid(), act, as, caller: writer.identity };
  const request = requestOf(question);
  const names = { object: request["object"], oldObject: request["oldObject"], request };
  const condition = judgeConditions(webhook.conditions, names, webhook.failurePolicy);
  if (condition.kind === "skip") return succeed({ answer: undefined, as });
  if (condition.kind === "fault") {
    const message = `admission webhook ${JSON.stringify(webhook.name)} cannot be matched: ${condition.why}`;
    return fail({ code: 403, reason: "Forbidden", message });
  }
  if (act.isDryRun && webhook.hasSideEffects) {
    return fail({ code: 400, reason: "BadRequest", message: `admission webhook ${JSON.stringify(webhook.name)} does not support dry run` });
  }
  const answer = await callWebhook(webhook, request, run.calls);
  if (answer.kind === "odd") return onFault(webhook, answer.why, { answer: undefined, as }, run);
  for (const warning of answer.warnings) writer.warn(warning);
  if (answer.kind === "denied") return fail(denialOf(webhook, answer));
  if (Object.keys(answer.auditAnnotations).length > 0)
    run.log.debug("a webhook annotates", { webhook: webhook.name, ...answer.auditAnnotations });
  return succeed({ answer, as });
}

/** A webhook that cannot be asked, or answers nonsense, stops the write or is passed over, as its configuration says. */
function onFault<T>(webhook: Webhook, why: string, otherwise: T, { log }: WebhookRun): Result<T> {
  const message = `failed calling webhook ${JSON.stringify(webhook.name)}: ${why}`;
  if (webhook.failurePolicy === "Fail") return fail({ code: 500, reason: "InternalError", message: `Internal error occurred: ${message}` });
  log.warn("a webhook failed and is passed over, as its failurePolicy says", { webhook: webhook.name, why });
  return succeed(otherwise);
}

const REASONS: Readonly<Record<number, ApiFailure["reason"]>> = {
  400: "BadRequest",
  401: "Unauthorized",
  404: "NotFound",
  409: "Conflict",
  422: "Invalid",
  429: "TooManyRequests",
};

function denialOf(webhook: Webhook, { message, code }: Extract<ReviewAnswer, { readonly kind: "denied" }>): ApiFailure {
  const who = `admission webhook ${JSON.stringify(webhook.name)} denied the request`;
  const text = message === "" ? `${who} without explanation` : `${who}: ${message}`;
  return { code, reason: REASONS[code] ?? (code >= 500 ? "InternalError" : "Forbidden"), message: text };
}
