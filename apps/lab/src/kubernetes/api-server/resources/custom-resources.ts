import { at, fieldsOf, isFields, listOf, numberOf, textOf, type Fields, type KubeObject } from "@slash28/kube-store";

import { storageName, type PrinterColumn, type ResourceDefinition, type ScalePaths } from "./resource-definition.ts";

/** The served versions that a CustomResourceDefinition asks for, the one stored by default first. */
export function customResourcesOf(crd: KubeObject): readonly ResourceDefinition[] {
  const group = textOf(at(crd, "spec", "group")) ?? "";
  const names = fieldsOf(at(crd, "spec", "names"));
  const plural = textOf(names["plural"]) ?? "";
  const kind = textOf(names["kind"]) ?? "";
  return listOf(at(crd, "spec", "versions"))
    .filter((version) => at(version, "served") === true)
    .map((version) => ({
      group,
      version: textOf(at(version, "name")) ?? "",
      plural,
      singular: textOf(names["singular"]) ?? kind.toLowerCase(),
      kind,
      isNamespaced: at(crd, "spec", "scope") === "Namespaced",
      shortNames: listOf(names["shortNames"]).map(String),
      categories: listOf(names["categories"]).map(String),
      subresources: Object.keys(fieldsOf(at(version, "subresources"))),
      storage: storageName(group, plural),
      ...scaleOf(at(version, "subresources", "scale")),
      custom: { schema: fieldsOf(at(version, "schema", "openAPIV3Schema")), columns: columnsOf(at(version, "additionalPrinterColumns")) },
    }));
}

function scaleOf(scale: unknown): { readonly scalePaths?: ScalePaths } {
  if (!isFields(scale)) return {};
  const path = (name: string): string | undefined => textOf(scale[name])?.replace(/^\./, "");
  const selector = path("labelSelectorPath");
  return {
    scalePaths: {
      replicas: path("specReplicasPath") ?? "spec.replicas",
      statusReplicas: path("statusReplicasPath") ?? "status.replicas",
      ...(selector === undefined ? {} : { selector }),
    },
  };
}

function columnsOf(columns: unknown): readonly PrinterColumn[] {
  return listOf(columns)
    .filter(isFields)
    .map((column) => ({
      name: textOf(column["name"]) ?? "",
      type: textOf(column["type"]) ?? "string",
      jsonPath: textOf(column["jsonPath"]) ?? "",
      priority: numberOf(column["priority"]) ?? 0,
      ...optional(column, "format"),
      ...optional(column, "description"),
    }));
}

function optional<K extends string>(fields: Fields, name: K): { readonly [P in K]?: string } {
  const value = textOf(fields[name]);
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: string });
}

/** The definition's status once its names are taken: served from this moment. */
export function establishedStatus(crd: KubeObject, now: string): Fields {
  const names = fieldsOf(at(crd, "spec", "names"));
  const kind = textOf(names["kind"]) ?? "";
  const stored = listOf(at(crd, "spec", "versions")).filter((version) => at(version, "storage") === true);
  const condition = (type: string, reason: string, message: string): Fields => {
    const before = listOf(at(crd, "status", "conditions")).find((one) => at(one, "type") === type);
    return { type, status: "True", lastTransitionTime: at(before, "lastTransitionTime") ?? now, reason, message };
  };
  return {
    acceptedNames: { listKind: `${kind}List`, singular: kind.toLowerCase(), ...names },
    storedVersions: stored.map((version) => at(version, "name")),
    conditions: [
      condition("NamesAccepted", "NoConflicts", "no conflicts found"),
      condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ],
  };
}
