import { readPolicy, type PolicyDocument } from "@slash28/iam";
import { z } from "zod";
import type { SeenRole } from "./aws-objects.ts";
import { listOf, maybe, text } from "./item-reader.ts";

/** A policy's document: an object in JSON output, URL-encoded text where IAM's own encoding was kept. Unreadable ones count as absent. */
const policyDocument = z
  .unknown()
  .optional()
  .transform((given): PolicyDocument | undefined => {
    const read = readPolicy(typeof given === "string" ? decoded(given) : (JSON.stringify(given) ?? ""), "identity");
    return read.ok ? read.value : undefined;
  });

function decoded(given: string): string {
  try {
    return decodeURIComponent(given);
  } catch {
    return given;
  }
}

const attached = listOf(z.object({ PolicyName: text }));
const inline = z.object({ PolicyName: text, PolicyDocument: policyDocument });

/** `list-attached-role-policies`: it does not name the role, so whoever saves it adds `RoleName`, or names the file after the role. */
const attachments = z.object({ RoleName: maybe(text), AttachedPolicies: attached });
/** `get-role-policy`. */
const rolePolicy = inline.extend({ RoleName: text });
/** `get-account-authorization-details`. */
const details = z.object({
  RoleDetailList: listOf(z.object({ RoleName: text, AttachedManagedPolicies: attached, RolePolicyList: listOf(inline) })),
  Policies: listOf(
    z.object({ PolicyName: text, PolicyVersionList: listOf(z.object({ IsDefaultVersion: maybe(z.boolean()), Document: policyDocument })) }),
  ),
});

type Documents = SeenRole["documents"];

function documented(policies: readonly { readonly PolicyName: string; readonly PolicyDocument?: PolicyDocument | undefined }[]): Documents {
  return policies.flatMap(({ PolicyName, PolicyDocument }) =>
    PolicyDocument === undefined ? [] : [{ name: PolicyName, document: PolicyDocument }],
  );
}

/** Reads what IAM answers about roles; `undefined`: the document is about something else. `named` stands for the role where the answer does not say. */
export function readRoles(value: Readonly<Record<string, unknown>>, named: string): readonly SeenRole[] | undefined {
  if ("RoleDetailList" in value) {
    const read = details.safeParse(value);
    return read.success ? rolesInDetails(read.data) : undefined;
  }
  if ("AttachedPolicies" in value) {
    const read = attachments.safeParse(value);
    if (!read.success) return undefined;
    const names = read.data.AttachedPolicies.map(({ PolicyName }) => PolicyName);
    return [{ name: read.data.RoleName ?? named, attached: names, documents: [] }];
  }
  if (!("PolicyDocument" in value)) return undefined;
  const read = rolePolicy.safeParse(value);
  return read.success ? [{ name: read.data.RoleName, attached: [], documents: documented([read.data]) }] : undefined;
}

function rolesInDetails({ RoleDetailList, Policies }: z.output<typeof details>): readonly SeenRole[] {
  const managed = new Map(
    Policies.map(({ PolicyName, PolicyVersionList }): [string, PolicyDocument | undefined] => [
      PolicyName,
      PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion === true)?.Document,
    ]),
  );
  return RoleDetailList.map(({ RoleName, AttachedManagedPolicies, RolePolicyList }): SeenRole => {
    const names = AttachedManagedPolicies.map(({ PolicyName }) => PolicyName);
    const theirs = names.map((PolicyName) => ({ PolicyName, PolicyDocument: managed.get(PolicyName) }));
    return { name: RoleName, attached: names, documents: documented([...RolePolicyList, ...theirs]) };
  });
}

/** What several answers tell of one role, together. */
export function mergeRoles(roles: readonly SeenRole[]): readonly SeenRole[] {
  const merged = new Map<string, SeenRole>();
  for (const role of roles) {
    const before = merged.get(role.name) ?? { name: role.name, attached: [], documents: [] };
    const attached = [...new Set([...before.attached, ...role.attached])];
    merged.set(role.name, { name: role.name, attached, documents: [...before.documents, ...role.documents] });
  }
  return [...merged.values()];
}
