/** Names of principals by kind, as a statement's `Principal` or `NotPrincipal` lists them; `*` alone stands for `{ AWS: ["*"] }`. */
export type PrincipalElement = Readonly<Partial<Record<PrincipalKind, readonly string[]>>>;

export type PrincipalKind = "AWS" | "Service" | "Federated" | "CanonicalUser";

/** IAM user guide, "IAM JSON policy elements: Condition operators". */
export const CONDITION_OPERATORS = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "NumericEquals",
  "NumericNotEquals",
  "NumericLessThan",
  "NumericLessThanEquals",
  "NumericGreaterThan",
  "NumericGreaterThanEquals",
  "DateEquals",
  "DateNotEquals",
  "DateLessThan",
  "DateLessThanEquals",
  "DateGreaterThan",
  "DateGreaterThanEquals",
  "Bool",
  "BinaryEquals",
  "IpAddress",
  "NotIpAddress",
  "ArnEquals",
  "ArnNotEquals",
  "ArnLike",
  "ArnNotLike",
  "Null",
] as const;

/** One comparison of a statement's `Condition`: `StringLike` over one key; all of a statement's must hold. */
export interface ConditionTest {
  readonly operator: ConditionOperator;
  /** How a key with several values is taken; `undefined` where the operator has no `ForAnyValue:` or `ForAllValues:`. */
  readonly set?: "any" | "all";
  /** `…IfExists`: holds when the request has no such key. */
  readonly ifExists: boolean;
  /** In lower case: condition keys have no case. */
  readonly key: string;
  readonly values: readonly string[];
}

export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

/** A statement that has been read; each `Not…` is its own field so that nothing has to be told apart again. */
export interface Statement {
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  /** In lower case: actions have no case. */
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  readonly principal?: PrincipalElement;
  readonly notPrincipal?: PrincipalElement;
  readonly conditions: readonly ConditionTest[];
}

/** A policy that has been read and found well formed (IAM user guide, "Grammar of the IAM JSON policy language"). */
export interface PolicyDocument {
  /** `2008-10-17` policies know no variables. */
  readonly version: "2008-10-17" | "2012-10-17";
  readonly statements: readonly Statement[];
}
