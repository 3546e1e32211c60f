import type { Tags } from "../account/account.ts";
import type { Millis } from "../result.ts";

/** What a session of a role may do less than its role, and what it carries. All of it plain JSON. */
export interface SessionGrant {
  readonly roleName: string;
  readonly roleId: string;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly issuedAt: Millis;
  readonly expiresAt: Millis;
  /** Session tags; those of a chain's earlier session that were transitive are among them. */
  readonly tags: Tags;
  readonly transitiveKeys: readonly string[];
  /** JSON texts and ARNs of session policies; none bound the session when both are empty. */
  readonly policies: readonly string[];
  readonly policyArns: readonly string[];
  readonly sourceIdentity?: string;
  /** Who the session was given to in exchange for a token of its own. */
  readonly federated?: { readonly provider: string; readonly subject: string; readonly audience: string };
}

/** What of a caller bears on the sessions it may take. */
export interface SessionAsker {
  readonly arn: string;
  /** Also the role of a session: names a trust policy may use. */
  readonly names: readonly string[];
  readonly accountRoot: string;
  /** The session the caller has itself: roles are then chained. */
  readonly session?: Pick<SessionGrant, "tags" | "transitiveKeys" | "sourceIdentity">;
}
