import { matchesLabels, type KubeObject, type LabelSelector, type Store } from "@slash28/kube-store";

import type { AdmissionAct } from "../operations/admission-stage.ts";
import type { ResourceDefinition } from "../resources/resource-definition.ts";
import type { WebhookRule } from "./webhook.ts";

/** What decides whether an act concerns somebody: a webhook, or a policy. */
export interface Scope {
  readonly rules: readonly WebhookRule[];
  readonly excluded?: readonly WebhookRule[];
  readonly matchPolicy: "Exact" | "Equivalent";
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
}

export interface MatchContext {
  readonly store: Store;
  /** Every version of every type that is served. */
  readonly definitions: () => readonly ResourceDefinition[];
}

/** The version of its type as which an act concerns this scope; `undefined` when it does not. */
export function matchedAs(scope: Scope, act: AdmissionAct, context: MatchContext): ResourceDefinition | undefined {
  const as = ruledAs(scope, act, context);
  if (as === undefined || !isNamespaceSelected(scope, act, context.store) || !isObjectSelected(scope, act)) return undefined;
  return scope.excluded?.some((rule) => ruleMatches(rule, act, act.definition)) === true ? undefined : as;
}

function ruledAs({ rules, matchPolicy }: Scope, act: AdmissionAct, { definitions }: MatchContext): ResourceDefinition | undefined {
  const { definition } = act;
  if (rules.some((rule) => ruleMatches(rule, act, definition))) return definition;
  if (matchPolicy === "Exact") return undefined;
  // The same objects under another name: other versions of a type, or events of both groups.
  const others = definitions().filter((one) => one.storage === definition.storage && one !== definition);
  return others.find((one) => rules.some((rule) => ruleMatches(rule, act, one)));
}

function ruleMatches(rule: WebhookRule, act: AdmissionAct, as: ResourceDefinition): boolean {
  return (
    has(rule.operations, act.operation) &&
    has(rule.apiGroups, as.group) &&
    has(rule.apiVersions, as.version) &&
    rule.resources.some((resource) => coversResource(resource, as.plural, act.subresource ?? "")) &&
    coversScope(rule.scope, act)
  );
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes("*") || list.includes(wanted);
}

/** `pods` the object alone, `pods/*` with its parts, `pods/status` one part, `*` any object, `*` before a slash any type. */
function coversResource(pattern: string, plural: string, subresource: string): boolean {
  const slash = pattern.indexOf("/");
  const [resource, part] = slash < 0 ? [pattern, ""] : [pattern.slice(0, slash), pattern.slice(slash + 1)];
  return (resource === "*" || resource === plural) && (part === "*" || part === subresource);
}

function coversScope(scope: string, { namespace, definition }: AdmissionAct): boolean {
  const isNamespaced = namespace !== undefined && definition.storage !== "namespaces";
  return scope === "*" || scope === "" || (scope === "Namespaced") === isNamespaced;
}

/** Objects of no namespace are always meant, but a Namespace goes by its own labels. */
function isNamespaceSelected({ namespaceSelector }: Scope, act: AdmissionAct, store: Store): boolean {
  if (namespaceSelector.length === 0) return true;
  if (act.definition.storage === "namespaces") return matchesLabels(namespaceSelector, (act.object ?? act.before)?.metadata.labels);
  if (act.namespace === undefined) return true;
  return matchesLabels(namespaceSelector, store.get("namespaces", { name: act.namespace })?.metadata.labels);
}

/** What cannot have labels meets no selector, as upstream. */
function isObjectSelected({ objectSelector }: Scope, { object, before, sent }: AdmissionAct): boolean {
  if (objectSelector.length === 0) return true;
  if (sent?.isBare === true) return false;
  const isMet = (one: KubeObject | undefined): boolean => one !== undefined && matchesLabels(objectSelector, one.metadata.labels);
  return isMet(object) || isMet(before);
}
