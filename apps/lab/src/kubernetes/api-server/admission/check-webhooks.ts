import {
  at,
  duplicate,
  forbiddenField,
  invalidValue,
  isFields,
  listOf,
  notSupported,
  numberOf,
  required,
  subdomainNameFault,
  textOf,
  type FieldError,
  type KubeObject,
} from "@slash28/kube-store";

import { compileCel } from "../webhooks/compile-cel.ts";
import { oneOf } from "./check-pod.ts";

const OPERATIONS = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const LONGEST_SECONDS = 30;
const CONDITIONS_MAX = 64;

/** What is wrong with a webhook configuration (pkg/apis/admissionregistration/validation). */
export function checkWebhooks(configuration: KubeObject): readonly FieldError[] {
  const names = new Set<string>();
  return listOf(configuration["webhooks"]).flatMap((webhook, index) => {
    const path = `webhooks[${index}]`;
    const name = textOf(at(webhook, "name")) ?? "";
    const isTaken = names.has(name);
    names.add(name);
    return [...(isTaken ? [duplicate(`${path}.name`, name)] : []), ...checkWebhook(webhook, name, path)];
  });
}

function checkWebhook(webhook: unknown, name: string, path: string): readonly FieldError[] {
  const seconds = numberOf(at(webhook, "timeoutSeconds")) ?? 10;
  const isInTime = Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_SECONDS;
  return [
    ...checkName(name, `${path}.name`),
    ...oneOfThese(webhook, path, "failurePolicy", ["Fail", "Ignore"]),
    ...oneOfThese(webhook, path, "matchPolicy", ["Equivalent", "Exact"]),
    ...oneOfThese(webhook, path, "reinvocationPolicy", ["IfNeeded", "Never"]),
    ...checkSideEffects(webhook, path),
    ...checkVersions(webhook, path),
    ...(isInTime ? [] : [invalidValue(`${path}.timeoutSeconds`, seconds, `must be between 1 and ${LONGEST_SECONDS}`)]),
    ...checkClientConfig(at(webhook, "clientConfig"), `${path}.clientConfig`),
    ...listOf(at(webhook, "rules")).flatMap((rule, index) => checkRule(rule, `${path}.rules[${index}]`)),
    ...checkConditions(at(webhook, "matchConditions"), `${path}.matchConditions`),
  ];
}

function checkName(name: string, path: string): readonly FieldError[] {
  if (name === "") return [required(path)];
  const fault = subdomainNameFault(name);
  if (fault !== undefined) return [invalidValue(path, name, fault)];
  return name.split(".").length < 3 ? [invalidValue(path, name, "should be a domain with at least three segments separated by dots")] : [];
}

function oneOfThese(holder: unknown, path: string, field: string, supported: readonly string[]): readonly FieldError[] {
  return oneOf(at(holder, field), `${path}.${field}`, supported);
}

function eachOneOf(values: unknown, path: string, supported: readonly string[]): readonly FieldError[] {
  return listOf(values).flatMap((value, index) =>
    supported.includes(String(value)) ? [] : [notSupported(`${path}[${index}]`, value, supported)],
  );
}

function checkSideEffects(webhook: unknown, path: string): readonly FieldError[] {
  const supported = ["None", "NoneOnDryRun"];
  if (at(webhook, "sideEffects") === undefined) return [required(`${path}.sideEffects`, `must specify one of ${supported.join(", ")}`)];
  return oneOfThese(webhook, path, "sideEffects", supported);
}

function checkVersions(webhook: unknown, path: string): readonly FieldError[] {
  const versions = listOf(at(webhook, "admissionReviewVersions"));
  const field = `${path}.admissionReviewVersions`;
  if (versions.length === 0) return [required(field, "must specify one of v1, v1beta1")];
  return versions.includes("v1") ? [] : [invalidValue(field, versions, "must include v1, the one version this server speaks")];
}

function checkClientConfig(config: unknown, path: string): readonly FieldError[] {
  const url = textOf(at(config, "url"));
  const service = at(config, "service");
  if ((url !== undefined) === isFields(service)) return [required(path, "exactly one of url or service is required")];
  if (url !== undefined) return checkUrl(url, `${path}.url`);
  return ["name", "namespace"].flatMap((name) => ((textOf(at(service, name)) ?? "") === "" ? [required(`${path}.service.${name}`)] : []));
}

function checkUrl(text: string, path: string): readonly FieldError[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:")
    return [invalidValue(path, text, "'https' is the only allowed URL scheme; desired format: https://host[/path]")];
  if (url.username !== "" || url.password !== "") return [invalidValue(path, text, "user information is not permitted in the URL")];
  return url.hash === "" && url.search === ""
    ? []
    : [invalidValue(path, text, "fragments and query parameters are not permitted in the URL")];
}

function checkRule(rule: unknown, path: string): readonly FieldError[] {
  const missing = ["operations", "apiGroups", "apiVersions", "resources"].filter((field) => listOf(at(rule, field)).length === 0);
  return [
    ...missing.map((field) => required(`${path}.${field}`)),
    ...eachOneOf(at(rule, "operations"), `${path}.operations`, OPERATIONS),
    ...oneOfThese(rule, path, "scope", ["*", "Cluster", "Namespaced"]),
  ];
}

function checkConditions(conditions: unknown, path: string): readonly FieldError[] {
  const list = listOf(conditions);
  if (list.length > CONDITIONS_MAX)
    return [{ field: path, reason: "FieldValueTooMany", message: `Too many: ${list.length}: must have at most ${CONDITIONS_MAX} items` }];
  return list.flatMap((condition, index) => checkExpression(at(condition, "expression"), `${path}[${index}].expression`));
}

function checkExpression(value: unknown, path: string): readonly FieldError[] {
  const expression = textOf(value) ?? "";
  if (expression.trim() === "") return [required(path)];
  const { fault } = compileCel(expression);
  return fault === undefined ? [] : [invalidValue(path, expression, `compilation failed: ${fault}`)];
}

/** What is wrong with a ValidatingAdmissionPolicy. */
export function checkPolicy(policy: KubeObject): readonly FieldError[] {
  const spec = policy["spec"];
  const rules = listOf(at(spec, "matchConstraints", "resourceRules"));
  return [
    ...(rules.length === 0 ? [required("spec.matchConstraints.resourceRules")] : []),
    ...rules.flatMap((rule, index) => checkRule(rule, `spec.matchConstraints.resourceRules[${index}]`)),
    ...(at(spec, "paramKind") === undefined ? [] : [forbiddenField("spec.paramKind", "parameters of policies are not served here")]),
    ...oneOfThese(spec, "spec", "failurePolicy", ["Fail", "Ignore"]),
    ...checkConditions(at(spec, "matchConditions"), "spec.matchConditions"),
    ...listOf(at(spec, "variables")).flatMap((one, index) => checkExpression(at(one, "expression"), `spec.variables[${index}].expression`)),
    ...listOf(at(spec, "validations")).flatMap((one, index) =>
      checkExpression(at(one, "expression"), `spec.validations[${index}].expression`),
    ),
  ];
}

/** What is wrong with a ValidatingAdmissionPolicyBinding. */
export function checkPolicyBinding(binding: KubeObject): readonly FieldError[] {
  const supported = ["Audit", "Deny", "Warn"];
  const actions = listOf(at(binding, "spec", "validationActions"));
  return [
    ...((textOf(at(binding, "spec", "policyName")) ?? "") === "" ? [required("spec.policyName")] : []),
    ...(actions.length === 0 ? [required("spec.validationActions", "at least one validation action is required")] : []),
    ...eachOneOf(actions, "spec.validationActions", supported),
    ...(actions.includes("Deny") && actions.includes("Warn")
      ? [
          invalidValue(
            "spec.validationActions",
            actions,
            "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)",
          ),
        ]
      : []),
  ];
}
