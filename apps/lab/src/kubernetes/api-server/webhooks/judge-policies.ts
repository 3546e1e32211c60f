import type { ApiFailure, KubeObject } from "@slash28/kube-store";

import type { CelNames, CelProgram } from "../cel/cel-program.ts";
import type { Identity } from "../face.ts";
import type { AdmissionAct } from "../operations/admission-stage.ts";
import { objectsOf, requestOf } from "./admission-review.ts";
import { matchedAs, type MatchContext } from "./match-webhook.ts";
import { judgeConditions } from "./match-conditions.ts";
import type { Policy, PolicyBinding, Validation } from "./policy.ts";

export interface PolicyVerdict {
  readonly refused: ApiFailure | undefined;
  readonly warnings: readonly string[];
}

/** What the cluster's ValidatingAdmissionPolicies say of an act. */
export function judgePolicies(policies: readonly Policy[], act: AdmissionAct, caller: Identity, context: MatchContext): PolicyVerdict {
  const warnings: string[] = [];
  for (const policy of policies) {
    const as = matchedAs(policy.scope, act, context);
    const bindings = policy.bindings.filter(({ narrows }) => narrows === undefined || matchedAs(narrows, act, context) !== undefined);
    if (as === undefined || bindings.length === 0) continue;
    const names: CelNames = {
      ...objectsOf(act, as),
      request: requestOf({ uid: "", act, as, caller }),
      params: null,
      namespaceObject: namespaceOf(act, context) ?? null,
    };
    const condition = judgeConditions(policy.conditions, names, policy.failurePolicy);
    if (condition.kind === "skip") continue;
    const faults = condition.kind === "fault" ? [{ message: condition.why, reason: "" }] : faultsOf(policy, names);
    for (const fault of faults) {
      for (const binding of bindings) {
        const text = sentence(policy, binding, fault.message);
        if (binding.actions.includes("Deny")) return { refused: refusal(act, text, fault.reason), warnings };
        if (binding.actions.includes("Warn"))
          warnings.push(
            `Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}': ${fault.message}`,
          );
      }
    }
  }
  return { refused: undefined, warnings };
}

function namespaceOf({ namespace }: AdmissionAct, { store }: MatchContext): KubeObject | undefined {
  return namespace === undefined ? undefined : store.get("namespaces", { name: namespace });
}

interface Fault {
  readonly message: string;
  readonly reason: string;
}

function faultsOf(policy: Policy, plain: CelNames): readonly Fault[] {
  const variables: Record<string, unknown> = {};
  const names: CelNames = { ...plain, variables };
  for (const { name, program } of policy.variables) {
    const result = program.run(names);
    // A variable that fails counts only where it is used.
    if (result.ok) variables[name] = result.value;
  }
  return policy.validations.flatMap((validation) => faultOf(policy, validation, names));
}

function faultOf({ failurePolicy }: Policy, validation: Validation, names: CelNames): readonly Fault[] {
  const { program, expression, reason } = validation;
  const result = program.run(names);
  if (result.ok && result.value === true) return [];
  if (!result.ok && failurePolicy === "Ignore") return [];
  if (!result.ok) return [{ message: `expression '${expression}' resulted in error: ${result.why}`, reason }];
  return [{ message: messageOf(validation, names), reason }];
}

function messageOf({ message, messageProgram, expression }: Validation, names: CelNames): string {
  const own = messageProgram === undefined ? undefined : textOfRun(messageProgram, names);
  return own ?? (message === "" ? `failed expression: ${expression}` : message);
}

function textOfRun(program: CelProgram, names: CelNames): string | undefined {
  const result = program.run(names);
  return result.ok && typeof result.value === "string" && result.value.trim() !== "" ? result.value.trim() : undefined;
}

function sentence(policy: Policy, binding: PolicyBinding, message: string): string {
  return `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}' denied request: ${message}`;
}

const CODES: Readonly<Record<string, readonly [number, ApiFailure["reason"]]>> = {
  Unauthorized: [401, "Unauthorized"],
  Forbidden: [403, "Forbidden"],
  RequestEntityTooLarge: [413, "BadRequest"],
  Invalid: [422, "Invalid"],
};

function refusal({ definition, name }: AdmissionAct, text: string, wanted: string): ApiFailure {
  const [code, reason] = CODES[wanted] ?? [422, "Invalid" as const];
  const what = name === "" ? definition.storage : `${definition.storage} ${JSON.stringify(name)}`;
  const details = {
    name,
    ...(definition.group === "" ? {} : { group: definition.group }),
    kind: definition.plural,
    causes: [{ message: text }],
  };
  return { code, reason, message: `${what} is forbidden: ${text}`, details };
}
