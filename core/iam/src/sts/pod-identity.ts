import type { Account, Tags } from "../account/account.ts";
import { contextOf } from "../policy/request.ts";
import { evaluateTrust } from "../policy/trust.ts";
import { ok, refuse, type Millis, type Result } from "../result.ts";
import { grant, roleByArn, tagContext, trustOf } from "./assume-role.ts";
import type { SessionGrant } from "./session.ts";

/** The service principal that takes roles for pods. */
export const POD_IDENTITY_SERVICE = "pods.eks.amazonaws.com";

/** Sessions for pods last six hours (EKS user guide, "EKS Pod Identity"). */
const POD_SESSION_SECONDS = 6 * 3_600;

export interface PodIdentityRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** The six tags of EKS; empty when the association switches them off. All are transitive. */
  readonly tags: Tags;
  /** Inline session policy of the association. */
  readonly policy?: string;
  /** `arn:aws:eks:…:cluster/NAME` */
  readonly clusterArn: string;
}

/** The session EKS Auth takes of a role for a pod; the role must trust the service for `sts:AssumeRole` and, with tags, `sts:TagSession`. */
export function decidePodIdentity(account: Account, request: PodIdentityRequest, now: Millis): Result<SessionGrant> {
  const role = roleByArn(account, request.roleArn);
  const keys = Object.keys(request.tags);
  const context = new Map([
    ...tagContext("aws:RequestTag/", request.tags, "aws:TagKeys"),
    ...contextOf([
      ["aws:SourceAccount", account.accountId],
      ["aws:SourceArn", request.clusterArn],
      ["sts:RoleSessionName", request.sessionName],
      ["sts:TransitiveTagKeys", keys.length === 0 ? undefined : keys],
    ]),
  ]);
  const party = { kind: "Service" as const, names: [POD_IDENTITY_SERVICE] };
  const actions = ["sts:AssumeRole", ...(keys.length > 0 ? ["sts:TagSession"] : [])];
  const refused = actions.find((action) => role === undefined || evaluateTrust(trustOf(role), party, action, context) !== "trusted");
  if (role === undefined || refused !== undefined) {
    return refuse(
      "AccessDenied",
      `${POD_IDENTITY_SERVICE} is not authorized to perform: ${refused ?? "sts:AssumeRole"} on resource: ${request.roleArn}; ` +
        "the role's trust policy must allow it sts:AssumeRole and sts:TagSession.",
    );
  }
  const carried = { tags: request.tags, transitiveKeys: keys };
  const session = { sessionName: request.sessionName, ...(request.policy === undefined ? {} : { policy: request.policy }) };
  return ok(grant(role, session, carried, { now, seconds: POD_SESSION_SECONDS }));
}
