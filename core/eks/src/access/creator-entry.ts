import { accessEntryArn, canonicalArn, parsePrincipal } from "../arns.ts";
import type { EksCall, EksPlace } from "../call.ts";
import type { AccessEntryRecord } from "../state.ts";
import { CLUSTER_ADMIN_POLICY } from "./policies.ts";
import { usernameOf } from "./usernames.ts";

/** The entry EKS makes for whoever creates a cluster with `bootstrapClusterCreatorAdminPermissions`; nothing for the account's root. */
export function creatorEntry(cluster: string, call: EksCall, place: EksPlace): AccessEntryRecord | undefined {
  const { arn: principalArn } = canonicalArn(call.callerArn);
  const principal = parsePrincipal(principalArn);
  if (principal === undefined) return undefined;
  const { now } = call;
  const policy = { policyArn: CLUSTER_ADMIN_POLICY, scope: { type: "cluster" }, associatedAt: now, modifiedAt: now } as const;
  return {
    principalArn,
    arn: accessEntryArn(place, cluster, principal, call.newUuid()),
    username: usernameOf(principalArn, principal),
    groups: [],
    type: "STANDARD",
    policies: { [policy.policyArn]: policy },
    tags: {},
    createdAt: now,
    modifiedAt: now,
  };
}
