import { at, fieldsOf, isFields, listOf, numberOf, textOf, type Fields, type KubeObject } from "@slash28/kube-store";

import type { Identity } from "../face.ts";
import { userInfoOf } from "../authentication/user-info.ts";
import { present } from "../operations/cluster.ts";
import type { AdmissionAct } from "../operations/admission-stage.ts";
import type { ResourceDefinition } from "../resources/resource-definition.ts";

/** What a webhook is asked: one act, shown as the version of its type that the webhook knows. */
export interface ReviewQuestion {
  readonly uid: string;
  readonly act: AdmissionAct;
  readonly as: ResourceDefinition;
  readonly caller: Identity;
}

const OPTIONS: Readonly<Record<AdmissionAct["operation"], string | undefined>> = {
  CREATE: "CreateOptions",
  UPDATE: "UpdateOptions",
  DELETE: "DeleteOptions",
  CONNECT: undefined,
};

/** The `request` of an `admission.k8s.io/v1` AdmissionReview. */
export function requestOf({ uid, act, as, caller }: ReviewQuestion): Fields {
  const { definition, operation, name, namespace, subresource, isDryRun } = act;
  const options = OPTIONS[operation];
  const part = subresource === undefined ? {} : { subResource: subresource, requestSubResource: subresource };
  const kindOf = (type: ResourceDefinition): Fields => {
    const { group, version, kind } = act.sent ?? type;
    return { group, version, kind };
  };
  const resourceOf = ({ group, version, plural }: ResourceDefinition): Fields => ({ group, version, resource: plural });
  return {
    uid,
    kind: kindOf(as),
    resource: resourceOf(as),
    requestKind: kindOf(definition),
    requestResource: resourceOf(definition),
    ...part,
    ...(name === "" ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    operation,
    userInfo: userInfoOf(caller),
    ...objectsOf(act, as),
    dryRun: isDryRun,
    options: options === undefined ? null : { kind: options, apiVersion: "meta.k8s.io/v1" },
  };
}

/** What an act is about as a webhook or policy sees it, in the version of its type that it knows. */
export function objectsOf(
  { object, before, sent }: AdmissionAct,
  as: ResourceDefinition,
): { object: Fields | null; oldObject: Fields | null } {
  const shown = (one: KubeObject | undefined): Fields | null => {
    if (one === undefined) return null;
    if (sent === undefined) return present(as, one);
    const { metadata, ...rest } = one;
    return sent.isBare === true ? rest : { ...rest, metadata };
  };
  return { object: shown(object), oldObject: shown(before) };
}

/** What a webhook answered. */
export type ReviewAnswer =
  | {
      readonly kind: "allowed";
      /** RFC 6902 operations; absent: nothing is changed. */
      readonly patch: unknown;
      readonly warnings: readonly string[];
      readonly auditAnnotations: Fields;
    }
  | {
      readonly kind: "denied";
      readonly message: string;
      readonly code: number;
      readonly warnings: readonly string[];
    }
  /** It is no answer to the question. */
  | { readonly kind: "odd"; readonly why: string };

const WARNINGS_MAX = 64;
const WARNING_MAX_CHARACTERS = 4096;

/** Reads an answer, whatever was sent: nothing in it is believed that is not of the form the API asks for. */
export function answerOf(body: unknown, uid: string): ReviewAnswer {
  if (!isFields(body)) return { kind: "odd", why: "the answer is no JSON object" };
  if (body["kind"] !== "AdmissionReview" || body["apiVersion"] !== "admission.k8s.io/v1") {
    const found = `${textOf(body["apiVersion"]) ?? ""}, Kind=${textOf(body["kind"]) ?? ""}`;
    return { kind: "odd", why: `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${found.slice(0, 200)}` };
  }
  const response = body["response"];
  if (!isFields(response)) return { kind: "odd", why: "webhook response was absent" };
  if (response["uid"] !== uid)
    return { kind: "odd", why: `expected response.uid=${JSON.stringify(uid)}, got ${shortText(response["uid"])}` };
  if (typeof response["allowed"] !== "boolean") return { kind: "odd", why: "response.allowed is neither true nor false" };
  const warnings = warningsOf(response["warnings"]);
  if (!response["allowed"]) return denial(response["status"], warnings);
  const patch = patchOf(response);
  if ("why" in patch) return { kind: "odd", why: patch.why };
  return { kind: "allowed", patch: patch.operations, warnings, auditAnnotations: fieldsOf(response["auditAnnotations"]) };
}

function denial(status: unknown, warnings: readonly string[]): ReviewAnswer {
  const code = numberOf(at(status, "code")) ?? 403;
  const message = textOf(at(status, "message")) ?? "";
  const reason = textOf(at(status, "reason")) ?? "";
  const isRefusal = Number.isInteger(code) && code >= 400 && code <= 599;
  return { kind: "denied", message: message === "" ? reason : message, code: isRefusal ? code : 403, warnings };
}

function patchOf(response: Fields): { readonly operations: unknown } | { readonly why: string } {
  const { patch, patchType } = response;
  if (patch === undefined || patch === null || patch === "") {
    return patchType === undefined || patchType === null
      ? { operations: undefined }
      : { why: "response.patchType is set without response.patch" };
  }
  if (typeof patch !== "string") return { why: "response.patch is not text" };
  if (patchType !== "JSONPatch") return { why: `response.patchType must be JSONPatch, got ${shortText(patchType)}` };
  try {
    const operations: unknown = JSON.parse(Buffer.from(patch, "base64").toString());
    return Array.isArray(operations) ? { operations } : { why: "response.patch is not a list of operations" };
  } catch {
    return { why: "response.patch is not base64 of JSON" };
  }
}

function warningsOf(warnings: unknown): readonly string[] {
  return listOf(warnings)
    .filter((one) => typeof one === "string")
    .slice(0, WARNINGS_MAX)
    .map((one) => one.slice(0, WARNING_MAX_CHARACTERS));
}

function shortText(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 200);
}
