import { canonicalArn, parsePrincipal } from "../arns.ts";
import type { ClusterRecord } from "../state.ts";
import { filledUsername } from "./usernames.ts";

/** Who an IAM caller is inside a cluster. */
export interface ClusterUser {
  readonly username: string;
  readonly groups: readonly string[];
  readonly principalArn: string;
  readonly session?: string;
}

const ADMINS = "system:masters";

/** The group that stands for an access entry: what its policies allow is bound to it. */
export function accessEntryGroup(principalArn: string): string {
  return `eks:access-entry:${principalArn}`;
}

/**
 * A caller's user by the cluster's access entries, or as the creator whom the cluster lets in by the ConfigMap's way. `undefined`: neither knows
 * the caller, and the ConfigMap `aws-auth` may.
 * @param callerArn as STS names the caller: a user's ARN or the ARN of a role's session
 */
export function clusterUserOf(cluster: ClusterRecord, callerArn: string): ClusterUser | undefined {
  const { arn, session } = canonicalArn(callerArn);
  const named = { principalArn: arn, ...(session === undefined ? {} : { session }) };
  if (cluster.authenticationMode !== "CONFIG_MAP") {
    const entry = Object.hasOwn(cluster.accessEntries, arn) ? cluster.accessEntries[arn] : undefined;
    if (entry !== undefined) {
      const username = filledUsername(entry.username, { accountId: parsePrincipal(arn)?.accountId ?? "", session });
      const own = Object.keys(entry.policies).length === 0 ? [] : [accessEntryGroup(arn)];
      return { username, groups: [...entry.groups, ...own], ...named };
    }
  }
  const isCreator = cluster.isCreatorAdmin && cluster.authenticationMode === "CONFIG_MAP" && canonicalArn(cluster.creatorArn).arn === arn;
  return isCreator ? { username: "kubernetes-admin", groups: [ADMINS], ...named } : undefined;
}

/** One mapping of the ConfigMap `aws-auth` (`mapRoles`, `mapUsers`). */
export interface ConfigMapMapping {
  readonly arn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** A caller's user by the ConfigMap's mappings, the last one first as it overrides; only in clusters that authenticate by it. */
export function configMapUserOf(cluster: ClusterRecord, mappings: readonly ConfigMapMapping[], callerArn: string): ClusterUser | undefined {
  if (cluster.authenticationMode === "API") return undefined;
  const { arn, session } = canonicalArn(callerArn);
  const mapping = mappings.findLast((one) => one.arn.toLowerCase() === arn.toLowerCase());
  if (mapping === undefined) return undefined;
  const username = filledUsername(mapping.username === "" ? arn : mapping.username, {
    accountId: parsePrincipal(arn)?.accountId ?? "",
    session,
  });
  return { username, groups: mapping.groups, principalArn: arn, ...(session === undefined ? {} : { session }) };
}
