import { policiesOf } from "../account/policies-of.ts";
import { defaultDocument, managedPolicy } from "../account/managed-policies.ts";
import type { Account, PolicyHolder } from "../account/account.ts";
import type { NamedPolicy, PolicySet } from "../policy/evaluate.ts";
import { readPolicy } from "../policy/read-policy.ts";
import type { SessionGrant } from "./session.ts";

/** What a session may do: what its role may, within the session policies it was taken with. */
export function sessionPolicySet(account: Account, role: PolicyHolder, grant: Pick<SessionGrant, "policies" | "policyArns">): PolicySet {
  const set = policiesOf(account, role);
  if (grant.policies.length === 0 && grant.policyArns.length === 0) return set;
  const managed = grant.policyArns.flatMap((arn) => {
    const found = managedPolicy(account, arn);
    return found.ok ? read(arn, defaultDocument(found.value)) : [];
  });
  return { ...set, session: [...managed, ...grant.policies.flatMap((text) => read("session policy", text))] };
}

function read(id: string, text: string): readonly NamedPolicy[] {
  const document = readPolicy(text, "identity");
  return document.ok ? [{ id, document: document.value }] : [];
}
