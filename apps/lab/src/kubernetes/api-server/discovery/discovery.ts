import { ALL_VERBS, type ResourceDefinition } from "../resources/resource-definition.ts";

interface ScopedVerbs {
  readonly verbs: readonly string[];
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
}

const PART = ["get", "patch", "update"];

/** What each subresource takes and gives, and how. */
function subresourceOf(definition: ResourceDefinition, name: string): ScopedVerbs {
  switch (name) {
    case "scale":
      return { verbs: PART, group: "autoscaling", version: "v1", kind: "Scale" };
    case "log":
      return { verbs: ["get"], kind: definition.kind };
    case "exec":
      return { verbs: ["create", "get"], kind: "PodExecOptions" };
    case "finalize":
      return { verbs: ["update"], kind: definition.kind };
    case "attach":
      return { verbs: ["create", "get"], kind: "PodAttachOptions" };
    case "portforward":
      return { verbs: ["create", "get"], kind: "PodPortForwardOptions" };
    case "eviction":
      return { verbs: ["create"], group: "policy", version: "v1", kind: "Eviction" };
    case "binding":
      return { verbs: ["create"], kind: "Binding" };
    case "token":
      return { verbs: ["create"], group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" };
    default:
      return { verbs: PART, kind: definition.kind };
  }
}

/** The resource types of one group and version, as `APIResourceList`. */
export function resourceList(definitions: readonly ResourceDefinition[], group: string, version: string): unknown {
  const own = definitions.filter((definition) => definition.group === group && definition.version === version);
  if (own.length === 0) return undefined;
  const resources = own.flatMap((definition) => [
    {
      name: definition.plural,
      singularName: definition.singular,
      namespaced: definition.isNamespaced,
      kind: definition.kind,
      verbs: definition.verbs ?? ALL_VERBS,
      ...(definition.shortNames.length === 0 ? {} : { shortNames: definition.shortNames }),
      ...(definition.categories.length === 0 ? {} : { categories: definition.categories }),
    },
    ...definition.subresources.map((name) => ({
      name: `${definition.plural}/${name}`,
      singularName: "",
      namespaced: definition.isNamespaced,
      ...subresourceOf(definition, name),
    })),
  ]);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: group === "" ? version : `${group}/${version}`, resources };
}

/** Groups with their versions, in order of first appearance; newer versions first where a group has several. */
export function groupsOf(definitions: readonly ResourceDefinition[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { group, version } of definitions) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions);
  }
  for (const versions of groups.values()) versions.sort(byMaturity);
  return groups;
}

/** `v2` before `v1` before `v1beta2` before `v1alpha1` (Kubernetes' version priority). */
function byMaturity(left: string, right: string): number {
  const [leftRank, rightRank] = [rankOf(left), rankOf(right)];
  for (const [index, rank] of leftRank.entries()) {
    const difference = (rightRank[index] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return left < right ? -1 : 1;
}

function rankOf(version: string): readonly number[] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return [-1, 0, 0];
  const [, major, stage, minor] = match;
  const stageRank = stage === undefined ? 2 : stage === "beta" ? 1 : 0;
  return [stageRank, Number(major), Number(minor ?? 0)];
}

export function groupOf(group: string, versions: readonly string[]): unknown {
  const served = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: served, preferredVersion: served[0] };
}

export function groupList(definitions: readonly ResourceDefinition[]): unknown {
  const groups = [...groupsOf(definitions)].filter(([group]) => group !== "");
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(([group, versions]) => groupOf(group, versions)) };
}

/** Aggregated discovery (`apidiscovery.k8s.io/v2`): everything a client asks at the start, in one answer. */
export function aggregatedDiscovery(definitions: readonly ResourceDefinition[], part: "core" | "groups"): unknown {
  const groups = [...groupsOf(definitions)].filter(([group]) => (group === "") === (part === "core"));
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(([group, versions]) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: versions.map((version) => ({
        version,
        freshness: "Current",
        resources: definitions.filter((one) => one.group === group && one.version === version).map(discovered),
      })),
    })),
  };
}

function discovered(definition: ResourceDefinition): unknown {
  const { group, version } = definition;
  return {
    resource: definition.plural,
    responseKind: { group, version, kind: definition.kind },
    scope: definition.isNamespaced ? "Namespaced" : "Cluster",
    singularResource: definition.singular,
    verbs: definition.verbs ?? ALL_VERBS,
    shortNames: definition.shortNames,
    categories: definition.categories,
    subresources: definition.subresources.map((name) => {
      const sub = subresourceOf(definition, name);
      return {
        subresource: name,
        responseKind: { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind },
        verbs: sub.verbs,
      };
    }),
  };
}
