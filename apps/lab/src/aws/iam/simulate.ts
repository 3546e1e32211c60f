import type {
  ContextEntry,
  EvaluationResult,
  SimulateCustomPolicyRequest,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from "@aws-sdk/client-iam";
import {
  contextOf,
  evaluate,
  policiesOf,
  readPolicy,
  type ContextKeys,
  type Decision,
  type NamedPolicy,
  type PolicyHolder,
  type PolicySet,
} from "@slash28/iam";
import { need, read, type AnyAction } from "../action.ts";
import { AwsError } from "../aws-error.ts";
import { iamError } from "../identity/index.ts";
import { accountOf, type IamPlace } from "./iam-action.ts";

/** Answers what a role's, a user's or given policies would say, by the evaluation the endpoint itself goes by. */
export function simulateActions(place: IamPlace): readonly AnyAction[] {
  return [
    read<SimulatePrincipalPolicyRequest, SimulatePolicyResponse>("SimulatePrincipalPolicy", (input) => {
      const arn = need(input.PolicySourceArn, "PolicySourceArn");
      const account = accountOf(place);
      const holder: PolicyHolder | undefined = [...account.roles, ...account.users].find((candidate) => candidate.arn === arn);
      if (holder === undefined) throw new AwsError("NoSuchEntity", `${arn} cannot be found.`, 404);
      const set = policiesOf(account, holder);
      return simulated({ ...set, identity: [...set.identity, ...readAll(input.PolicyInputList)] }, input, [["aws:PrincipalArn", arn]]);
    }),
    read<SimulateCustomPolicyRequest, SimulatePolicyResponse>("SimulateCustomPolicy", (input) =>
      simulated({ identity: readAll(need(input.PolicyInputList, "PolicyInputList")) }, input, []),
    ),
  ];
}

type Simulation = Pick<SimulatePrincipalPolicyRequest, "ActionNames" | "ResourceArns" | "ContextEntries">;

function simulated(policies: PolicySet, input: Simulation, facts: ReadonlyArray<readonly [string, string]>): SimulatePolicyResponse {
  const context: ContextKeys = new Map([...contextOf(facts), ...contextOf((input.ContextEntries ?? []).map(entry))]);
  const resources = input.ResourceArns === undefined || input.ResourceArns.length === 0 ? ["*"] : input.ResourceArns;
  const results = need(input.ActionNames, "ActionNames").flatMap((action) => {
    if (!/^[\w-]+:[\w*?]+$/.test(action)) throw new AwsError("InvalidInput", `Invalid Entity Arn or action: ${action}`);
    return resources.map((resource) => result(action, resource, evaluate(policies, { action, resource, context })));
  });
  return { EvaluationResults: results, IsTruncated: false };
}

function entry({ ContextKeyName = "", ContextKeyValues = [] }: ContextEntry): readonly [string, readonly string[]] {
  return [ContextKeyName, ContextKeyValues];
}

function result(action: string, resource: string, decision: Decision): EvaluationResult {
  const by = decision.kind === "implicit-deny" ? undefined : decision.by;
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: DECISION[decision.kind],
    MatchedStatements: by === undefined ? [] : [{ SourcePolicyId: by.policy }],
    MissingContextValues: [],
  };
}

const DECISION = { allowed: "allowed", "explicit-deny": "explicitDeny", "implicit-deny": "implicitDeny" } as const;

function readAll(texts: readonly string[] | undefined): readonly NamedPolicy[] {
  return (texts ?? []).map((text, index) => {
    const document = readPolicy(text, "identity");
    if (!document.ok) throw iamError({ ...document.error, code: "InvalidInput" });
    return { id: `PolicyInputList.${index + 1}`, document: document.value };
  });
}
