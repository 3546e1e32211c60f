import { at, listOf, textOf, type KubeObject, type LabelSelector } from "@slash28/kube-store";

import type { CelProgram } from "../cel/cel-program.ts";
import { compileCel } from "./compile-cel.ts";
import type { Scope } from "./match-webhook.ts";
import { conditionsOf, rulesOf, selectorOf, type MatchCondition } from "./webhook.ts";

export interface Validation {
  readonly expression: string;
  readonly program: CelProgram;
  readonly message: string;
  readonly messageProgram: CelProgram | undefined;
  readonly reason: string;
}

/** Where a policy holds, and what becomes of an object that does not meet it. */
export interface PolicyBinding {
  readonly name: string;
  readonly actions: readonly string[];
  readonly narrows: Scope | undefined;
}

/** A ValidatingAdmissionPolicy with its bindings (Kubernetes docs, "Validating Admission Policy"); parameters are not served. */
export interface Policy {
  readonly name: string;
  readonly scope: Scope;
  readonly failurePolicy: "Fail" | "Ignore";
  readonly conditions: readonly MatchCondition[];
  readonly variables: readonly { readonly name: string; readonly program: CelProgram }[];
  readonly validations: readonly Validation[];
  readonly bindings: readonly PolicyBinding[];
}

const EVERYTHING: LabelSelector = [];

export function policyOf(policy: KubeObject, bindings: readonly KubeObject[]): Policy {
  const spec = policy["spec"];
  const { name } = policy.metadata;
  return {
    name,
    scope: scopeOf(at(spec, "matchConstraints")),
    failurePolicy: at(spec, "failurePolicy") === "Ignore" ? "Ignore" : "Fail",
    conditions: conditionsOf(at(spec, "matchConditions")),
    variables: listOf(at(spec, "variables")).map((variable) => ({
      name: textOf(at(variable, "name")) ?? "",
      program: compileCel(textOf(at(variable, "expression")) ?? ""),
    })),
    validations: listOf(at(spec, "validations")).map(validationOf),
    bindings: bindings.filter((binding) => at(binding, "spec", "policyName") === name).map(bindingOf),
  };
}

function validationOf(validation: unknown): Validation {
  const text = (name: string): string => textOf(at(validation, name)) ?? "";
  const expression = text("expression");
  const ofMessage = text("messageExpression");
  return {
    expression,
    program: compileCel(expression),
    message: text("message"),
    messageProgram: ofMessage === "" ? undefined : compileCel(ofMessage),
    reason: text("reason"),
  };
}

function bindingOf(binding: KubeObject): PolicyBinding {
  const resources = at(binding, "spec", "matchResources");
  return {
    name: binding.metadata.name,
    actions: listOf(at(binding, "spec", "validationActions")).map(String),
    narrows: resources === undefined ? undefined : scopeOf(resources),
  };
}

/** Constraints without rules of their own, as bindings may have them, leave those of the policy. */
function scopeOf(constraints: unknown): Scope {
  const rules = rulesOf(at(constraints, "resourceRules"));
  return {
    rules: rules.length > 0 ? rules : [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"], scope: "*" }],
    excluded: rulesOf(at(constraints, "excludeResourceRules")),
    matchPolicy: at(constraints, "matchPolicy") === "Exact" ? "Exact" : "Equivalent",
    namespaceSelector: at(constraints, "namespaceSelector") === undefined ? EVERYTHING : selectorOf(at(constraints, "namespaceSelector")),
    objectSelector: at(constraints, "objectSelector") === undefined ? EVERYTHING : selectorOf(at(constraints, "objectSelector")),
  };
}
