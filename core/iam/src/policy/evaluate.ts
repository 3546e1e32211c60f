import type { PolicyDocument, Statement } from "./document.ts";
import { conditionsHold } from "./match-condition.ts";
import type { AccessRequest } from "./request.ts";
import { expandVariables } from "./variables.ts";
import { matchesArn, matchesWildcard } from "./wildcard.ts";

/** A policy and where it comes from: a managed policy's ARN, or an inline policy's name. */
export interface NamedPolicy {
  readonly id: string;
  readonly document: PolicyDocument;
}

/** The policies that bear on one caller. Those beyond `identity` allow nothing by themselves: they bound what identity policies allow. */
export interface PolicySet {
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  /** Session policies of an assumed role. */
  readonly session?: readonly NamedPolicy[];
}

export type PolicyLayer = "identity" | "boundary" | "session";

/** The statement that decided: a policy's id and the statement's place in it. */
export interface DecidingStatement {
  readonly policy: string;
  readonly statement: number;
  readonly layer: PolicyLayer;
}

export type Decision =
  | { readonly kind: "allowed"; readonly by: DecidingStatement }
  | { readonly kind: "explicit-deny"; readonly by: DecidingStatement }
  /** No statement allows it in this layer. */
  | { readonly kind: "implicit-deny"; readonly layer: PolicyLayer };

/** Explicit deny before allow before implicit deny (IAM user guide, "Policy evaluation logic", within one account). */
export function evaluate(policies: PolicySet, request: AccessRequest): Decision {
  const layers: ReadonlyArray<readonly [PolicyLayer, readonly NamedPolicy[]]> = [
    ["boundary", policies.boundary === undefined ? [] : [policies.boundary]],
    ["session", policies.session ?? []],
    ["identity", policies.identity],
  ];
  for (const [layer, list] of layers) {
    const denied = find(list, layer, request, "Deny");
    if (denied !== undefined) return { kind: "explicit-deny", by: denied };
  }
  if (policies.boundary !== undefined && find([policies.boundary], "boundary", request, "Allow") === undefined) {
    return { kind: "implicit-deny", layer: "boundary" };
  }
  if (policies.session !== undefined && find(policies.session, "session", request, "Allow") === undefined) {
    return { kind: "implicit-deny", layer: "session" };
  }
  const allowed = find(policies.identity, "identity", request, "Allow");
  return allowed === undefined ? { kind: "implicit-deny", layer: "identity" } : { kind: "allowed", by: allowed };
}

function find(
  policies: readonly NamedPolicy[],
  layer: PolicyLayer,
  request: AccessRequest,
  effect: Statement["effect"],
): DecidingStatement | undefined {
  for (const { id, document } of policies) {
    const statement = document.statements.findIndex((candidate) => candidate.effect === effect && applies(candidate, document, request));
    if (statement >= 0) return { policy: id, statement, layer };
  }
  return undefined;
}

function applies(statement: Statement, { version }: PolicyDocument, request: AccessRequest): boolean {
  const takesVariables = version === "2012-10-17";
  return (
    coversAction(statement, request.action) &&
    coversResource(statement, request, takesVariables) &&
    conditionsHold(statement.conditions, request.context, takesVariables)
  );
}

/** Whether a statement's `Action` or `NotAction` covers an action. */
export function coversAction(statement: Pick<Statement, "actions" | "notActions">, action: string): boolean {
  const lowered = action.toLowerCase();
  const matches = (pattern: string): boolean => matchesWildcard(pattern, lowered);
  if (statement.actions !== undefined) return statement.actions.some(matches);
  return !(statement.notActions ?? []).some(matches);
}

function coversResource(statement: Statement, { resource, context }: AccessRequest, takesVariables: boolean): boolean {
  const matches = (pattern: string): boolean => {
    const expanded = takesVariables ? expandVariables(pattern, context, "pattern") : pattern;
    return expanded !== undefined && (/^\*+$/.test(expanded) || matchesArn(expanded, resource));
  };
  if (statement.resources !== undefined) return statement.resources.some(matches);
  return !(statement.notResources ?? []).some(matches);
}
