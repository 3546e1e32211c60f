import type { PolicyDocument } from "../policy/document.ts";
import type { NamedPolicy, PolicySet } from "../policy/evaluate.ts";
import { readPolicy } from "../policy/read-policy.ts";
import type { Account, PolicyHolder } from "./account.ts";
import { defaultDocument, managedPolicy } from "./managed-policies.ts";

/** The policies that say what a role or user may do, read; one that was deleted meanwhile allows nothing. */
export function policiesOf(account: Account, holder: PolicyHolder): PolicySet {
  const boundary = holder.boundary === undefined ? undefined : (managed(account, holder.boundary) ?? NOTHING);
  return {
    identity: [
      ...holder.attached.flatMap((arn) => managed(account, arn) ?? []),
      ...holder.inline.flatMap(({ name, document }) => named(name, document) ?? []),
    ],
    ...(boundary === undefined ? {} : { boundary }),
  };
}

const NOTHING: NamedPolicy = { id: "none", document: { version: "2012-10-17", statements: [] } };

function managed(account: Account, arn: string): NamedPolicy | undefined {
  const policy = managedPolicy(account, arn);
  return policy.ok ? named(arn, defaultDocument(policy.value)) : undefined;
}

/** What is stored was read once when it was put there, so a text that does not read any more came from outside. */
function named(id: string, text: string): NamedPolicy | undefined {
  const document = documentOf(text);
  return document === undefined ? undefined : { id, document };
}

function documentOf(text: string): PolicyDocument | undefined {
  const read = readPolicy(text, "identity");
  return read.ok ? read.value : undefined;
}
