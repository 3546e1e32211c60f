import type { KubeObject, Store } from "@slash28/kube-store";

import { BUILTIN_RESOURCES } from "./builtin-resources.ts";
import { customResourcesOf } from "./custom-resources.ts";
import type { ResourceDefinition } from "./resource-definition.ts";

export const CRD_STORAGE = "customresourcedefinitions.apiextensions.k8s.io";

/** Which resource types are served: the built-in ones, and those of the CustomResourceDefinitions in the store. */
export class ResourceRegistry {
  readonly #builtin = new Map<string, ResourceDefinition>();
  readonly #custom = new Map<string, readonly ResourceDefinition[]>();
  #all: readonly ResourceDefinition[] = BUILTIN_RESOURCES;

  constructor(store: Store) {
    for (const definition of BUILTIN_RESOURCES) this.#builtin.set(keyOf(definition), definition);
    for (const crd of store.list(CRD_STORAGE)) this.#follow(undefined, crd);
    store.onWrite(({ resource, before, after }) => {
      if (resource === CRD_STORAGE) this.#follow(before, after);
    });
  }

  all(): readonly ResourceDefinition[] {
    return this.#all;
  }

  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    const builtin = this.#builtin.get(keyOf({ group, version, plural }));
    if (builtin !== undefined) return builtin;
    const custom = this.#custom.get(`${plural}.${group}`);
    return custom?.find((definition) => definition.version === version);
  }

  /** One definition for each stored resource. */
  stored(): readonly ResourceDefinition[] {
    const seen = new Set<string>();
    return this.#all.filter((definition) => {
      if (seen.has(definition.storage)) return false;
      seen.add(definition.storage);
      return true;
    });
  }

  #follow(before: KubeObject | undefined, after: KubeObject | undefined): void {
    const name = after?.metadata.name ?? before?.metadata.name ?? "";
    if (after === undefined) this.#custom.delete(name);
    else this.#custom.set(name, customResourcesOf(after));
    this.#all = [...BUILTIN_RESOURCES, ...[...this.#custom.values()].flat()];
  }
}

function keyOf(definition: Pick<ResourceDefinition, "group" | "version" | "plural">): string {
  return `${definition.group}/${definition.version}/${definition.plural}`;
}
