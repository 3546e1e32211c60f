import type { ApiFailure } from "../failure.ts";
import type { FieldConflict } from "./apply.ts";
import { pathText } from "./field-set.ts";
import type { Manager } from "./managed-fields.ts";

/** The 409 answer to an apply that would take fields from others, in the words kubectl shows. */
export function applyConflict(conflicts: readonly FieldConflict[]): ApiFailure {
  const causes = conflicts.map(({ owner, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${ownerText(owner)}`,
    field: pathText(path),
  }));
  return { code: 409, reason: "Conflict", message: messageOf(conflicts), details: { causes } };
}

function messageOf(conflicts: readonly FieldConflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${ownerText(first.owner)}: ${pathText(first.path)}`;
  const byOwner = new Map<string, string[]>();
  for (const { owner, path } of conflicts) byOwner.set(ownerText(owner), [...(byOwner.get(ownerText(owner)) ?? []), pathText(path)]);
  const lines = [...byOwner.keys()]
    .sort()
    .flatMap((owner) => [`conflicts with ${owner}:`, ...(byOwner.get(owner) ?? []).map((path) => `- ${path}`)]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

function ownerText({ name, operation, apiVersion, subresource }: Manager): string {
  const part = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${part}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
