import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicPatch,
  badRequest,
  fail,
  isFields,
  succeed,
  type Fields,
  type KubeObject,
  type Result,
} from "@slash28/kube-store";

import { patchFieldsOf } from "../types/patch-types.ts";
import { qualifiedKind, type ResourceDefinition } from "../resources/resource-definition.ts";

export interface Patch {
  /** `apply` is server-side apply, which is more than a change of the body: see apply-object.ts. */
  readonly kind: "json" | "merge" | "strategic" | "apply";
  readonly body: unknown;
}

/** The object as a patch would have it. */
export function patchBody(object: KubeObject, patch: Patch, definition: ResourceDefinition): Result<Fields> {
  const patched = applyTo(object, patch, definition);
  if (!patched.ok) return patched;
  return isFields(patched.value) ? succeed(patched.value) : fail(badRequest("the patch does not leave an object"));
}

function applyTo(object: KubeObject, patch: Patch, definition: ResourceDefinition): Result<unknown> {
  switch (patch.kind) {
    case "json":
      return applyJsonPatch(object, patch.body);
    case "merge":
      return isFields(patch.body) ? succeed(applyMergePatch(object, patch.body)) : fail(badRequest("a merge patch is an object"));
    case "strategic":
      if (definition.custom !== undefined) {
        const message = `the body of the request was in an unknown format - accepted media types for ${qualifiedKind(definition)} include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml`;
        return fail({ code: 415, reason: "UnsupportedMediaType", message });
      }
      return applyStrategicPatch(object, patch.body, patchFieldsOf(definition));
    case "apply":
      return fail(badRequest("server-side apply is not served here"));
    default:
      return patch.kind satisfies never;
  }
}
