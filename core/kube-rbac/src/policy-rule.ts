import { at, listOf, type KubeObject } from "@slash28/kube-store";

import { isPath, resourceText, type Attributes, type PathAttributes, type ResourceAttributes } from "./attributes.ts";

/** What a role allows: every verb on every resource named, or on every path named. An empty list names nothing. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Empty: any object. */
  readonly resourceNames: readonly string[];
  /** Whole paths, or their beginning followed by `*`. */
  readonly nonResourceURLs: readonly string[];
}

const ALL = "*";

/** The rules of a Role or ClusterRole; what is no list of texts counts as empty. */
export function policyRulesOf(role: KubeObject | undefined): readonly PolicyRule[] {
  return listOf(at(role, "rules")).map(policyRuleOf);
}

export function policyRuleOf(rule: unknown): PolicyRule {
  const texts = (name: string): readonly string[] => listOf(at(rule, name)).filter((text) => typeof text === "string");
  return {
    verbs: texts("verbs"),
    apiGroups: texts("apiGroups"),
    resources: texts("resources"),
    resourceNames: texts("resourceNames"),
    nonResourceURLs: texts("nonResourceURLs"),
  };
}

/** Whether this one rule allows it (Kubernetes docs, "Using RBAC Authorization"). */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  return isPath(attributes) ? allowsPath(rule, attributes) : allowsResource(rule, attributes);
}

function allowsPath({ verbs, nonResourceURLs }: PolicyRule, { verb, path }: PathAttributes): boolean {
  return has(verbs, verb) && nonResourceURLs.some((url) => coversPath(url, path));
}

/** `*` covers every path, `/logs/*` what begins with `/logs/`. */
export function coversPath(url: string, path: string): boolean {
  return url === ALL || url === path || (url.endsWith(ALL) && path.startsWith(url.slice(0, -1)));
}

function allowsResource(rule: PolicyRule, attributes: ResourceAttributes): boolean {
  return (
    has(rule.verbs, attributes.verb) &&
    has(rule.apiGroups, attributes.group) &&
    coversResource(rule.resources, attributes) &&
    coversName(rule.resourceNames, attributes.name)
  );
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes(ALL) || list.includes(wanted);
}

/** `*` is every resource with all its parts, `pods/log` that part, and `*` before a slash a part of any resource. */
function coversResource(resources: readonly string[], attributes: ResourceAttributes): boolean {
  if (has(resources, resourceText(attributes))) return true;
  const { subresource } = attributes;
  return subresource !== undefined && subresource !== "" && resources.includes(`*/${subresource}`);
}

function coversName(names: readonly string[], name: string | undefined): boolean {
  return names.length === 0 || names.includes(name ?? "");
}
