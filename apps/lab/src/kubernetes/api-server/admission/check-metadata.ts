import {
  fieldsOf,
  invalidValue,
  labelNameFault,
  labelValueFault,
  qualifiedNameFault,
  required,
  subdomainNameFault,
  type FieldError,
  type ObjectMeta,
} from "@slash28/kube-store";

import type { ResourceDefinition } from "../resources/resource-definition.ts";

/** Resources whose names become DNS labels and must be as short. */
const LABEL_NAMED = new Set(["namespaces", "services"]);
/** Resources whose names may hold colons and the like (path segment names). */
const FREELY_NAMED = new Set(["roles", "clusterroles", "rolebindings", "clusterrolebindings"]);

export function checkMetadata(metadata: ObjectMeta, definition: ResourceDefinition): readonly FieldError[] {
  return [
    ...checkName(metadata.name, definition),
    ...checkKeys(metadata.labels, "metadata.labels", labelValueFault),
    ...checkKeys(metadata.annotations, "metadata.annotations", () => undefined),
    ...(metadata.ownerReferences ?? []).flatMap((owner, index) => {
      const at = `metadata.ownerReferences[${index}]`;
      return (["apiVersion", "kind", "name", "uid"] as const)
        .filter((name) => (owner[name] ?? "") === "")
        .map((name) => required(`${at}.${name}`, `${name} must not be empty`));
    }),
  ];
}

function checkName(name: string, definition: ResourceDefinition): readonly FieldError[] {
  if (name === "") return [required("metadata.name", "name or generateName is required")];
  if (FREELY_NAMED.has(definition.plural)) {
    return /[/%]/.test(name) || name === "." || name === ".." ? [invalidValue("metadata.name", name, "may not contain '/' or '%'")] : [];
  }
  const fault = LABEL_NAMED.has(definition.plural) ? labelNameFault(name) : subdomainNameFault(name);
  return fault === undefined ? [] : [invalidValue("metadata.name", name, fault)];
}

function checkKeys(map: unknown, path: string, valueFault: (value: string) => string | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(fieldsOf(map))) {
    const fault = qualifiedNameFault(key);
    if (fault !== undefined) errors.push(invalidValue(path, key, fault));
    if (typeof value !== "string") errors.push(invalidValue(`${path}.${key}`, value, "must be a string"));
    else {
      const wrong = valueFault(value);
      if (wrong !== undefined) errors.push(invalidValue(path, value, wrong));
    }
  }
  return errors;
}
