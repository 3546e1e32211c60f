import { coversPath, type PolicyRule } from "./policy-rule.ts";

/** What of `wanted` is not allowed by `owned`, in rules of one verb and one resource or path each. Empty: nothing is given that is not had. */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(atomsOf).filter((atom) => !owned.some((rule) => coversAtom(rule, atom)));
}

function atomsOf(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  const names = resourceNames.length === 0 ? [[]] : resourceNames.map((name) => [name]);
  const onResources = verbs.flatMap((verb) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        names.map((name) => ({ verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: name, nonResourceURLs: [] })),
      ),
    ),
  );
  const onPaths = verbs.flatMap((verb) =>
    nonResourceURLs.map((url) => ({ verbs: [verb], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [url] })),
  );
  return [...onResources, ...onPaths];
}

function coversAtom(rule: PolicyRule, atom: PolicyRule): boolean {
  const [url] = atom.nonResourceURLs;
  if (!hasAll(rule.verbs, atom.verbs)) return false;
  if (url !== undefined) return rule.nonResourceURLs.some((own) => coversPath(own, url));
  return hasAll(rule.apiGroups, atom.apiGroups) && hasResource(rule.resources, atom.resources[0] ?? "") && hasNames(rule, atom);
}

function hasAll(list: readonly string[], wanted: readonly string[]): boolean {
  return list.includes("*") || wanted.every((one) => list.includes(one));
}

function hasResource(resources: readonly string[], wanted: string): boolean {
  if (resources.includes("*") || resources.includes(wanted)) return true;
  const slash = wanted.indexOf("/");
  return slash >= 0 && resources.includes(`*${wanted.slice(slash)}`);
}

function hasNames(rule: PolicyRule, atom: PolicyRule): boolean {
  if (rule.resourceNames.length === 0) return true;
  return atom.resourceNames.length > 0 && atom.resourceNames.every((name) => rule.resourceNames.includes(name));
}

/** A rule as the API server prints it when it refuses to give it away: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function ruleText(rule: PolicyRule): string {
  const parts = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["ResourceNames", rule.resourceNames],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["Verbs", rule.verbs],
  ] as const;
  const shown = parts
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${name}:[${list.map((one) => JSON.stringify(one)).join(" ")}]`);
  return `{${shown.join(", ")}}`;
}
