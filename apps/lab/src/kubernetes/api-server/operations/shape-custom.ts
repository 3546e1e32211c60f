import {
  badRequest,
  fail,
  prune,
  succeed,
  withDefaults,
  type Fields,
  type KubeObject,
  type Result,
  type StructuralSchema,
} from "@slash28/kube-store";

import type { ResourceDefinition } from "../resources/resource-definition.ts";
import type { Written, WriteOptions } from "./cluster.ts";

/** A custom resource without the fields its schema does not know, and with its defaults. */
export function shapeCustom(definition: ResourceDefinition, object: KubeObject, options: WriteOptions): Result<Written> {
  const schema = definition.custom?.schema ?? {};
  const { value, pruned } = prune(object, schema);
  if (pruned.length > 0 && options.fieldValidation === "Strict") {
    return fail(
      badRequest(
        `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: strict decoding error: ${pruned.map(unknownField).join(", ")}`,
      ),
    );
  }
  const warnings = options.fieldValidation === "Warn" ? pruned.map(unknownField) : [];
  return succeed({ object: withDefaults(value, schema) as KubeObject, warnings });
}

export function unknownFieldsOf(object: Fields, schema: StructuralSchema): readonly string[] {
  return prune(object, schema).pruned;
}

/** How a field that the type does not have is named, in warnings and refusals. */
export function unknownField(path: string): string {
  return `unknown field "${path}"`;
}
