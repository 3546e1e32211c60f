import type { PolicyDocument, PrincipalElement, PrincipalKind, Statement } from "./document.ts";
import { coversAction } from "./evaluate.ts";
import { conditionsHold } from "./match-condition.ts";
import type { ContextKeys } from "./request.ts";

/** Who asks for a role, as a trust policy may name them. */
export interface TrustedParty {
  readonly kind: PrincipalKind;
  /** ARNs, unique ids or service names that stand for this very caller: of a role's session the role's too. */
  readonly names: readonly string[];
  /** `arn:aws:iam::111122223333:root` of the caller's account; naming it trusts the account, whose own policies then decide. */
  readonly accountRoot?: string;
}

export type TrustDecision =
  /** The policy names the caller: nothing else is needed within one account. */
  | "trusted"
  /** The policy trusts the caller's account: the caller's own policies must allow it too. */
  | "trusted-by-account"
  | "explicit-deny"
  | "not-trusted";

/** Whether a role's trust policy lets a party do `action` (`sts:AssumeRole`, `sts:AssumeRoleWithWebIdentity`, `sts:TagSession`, …). */
export function evaluateTrust(document: PolicyDocument, party: TrustedParty, action: string, context: ContextKeys): TrustDecision {
  const takesVariables = document.version === "2012-10-17";
  const applying = document.statements.filter(
    (statement) => coversAction(statement, action) && conditionsHold(statement.conditions, context, takesVariables),
  );
  if (applying.some((statement) => statement.effect === "Deny" && reach(statement, party) !== "none")) return "explicit-deny";
  const reaches = applying.filter(({ effect }) => effect === "Allow").map((statement) => reach(statement, party));
  if (reaches.includes("caller")) return "trusted";
  return reaches.includes("account") ? "trusted-by-account" : "not-trusted";
}

type Reach = "caller" | "account" | "none";

function reach({ principal, notPrincipal }: Statement, party: TrustedParty): Reach {
  if (principal !== undefined) return namedIn(principal, party);
  return namedIn(notPrincipal ?? {}, party) === "none" ? "caller" : "none";
}

function namedIn(element: PrincipalElement, { kind, names, accountRoot }: TrustedParty): Reach {
  const listed = element[kind] ?? [];
  if ((element.AWS ?? []).includes("*") || listed.some((name) => names.includes(name))) return "caller";
  return accountRoot !== undefined && listed.includes(accountRoot) ? "account" : "none";
}
