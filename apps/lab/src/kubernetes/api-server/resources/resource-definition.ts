import type { Fields, KubeObject, StructuralSchema } from "@slash28/kube-store";

/** Where a custom resource keeps what the scale subresource shows, as dotted paths from the object. */
export interface ScalePaths {
  readonly replicas: string;
  readonly statusReplicas: string;
  readonly selector?: string;
}

/** A column of `kubectl get` that a custom resource asks for. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

/** One version of a resource type, as served. */
export interface ResourceDefinition {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
  /** Absent: all of them. */
  readonly verbs?: readonly string[];
  /** The resource in the store: `pods`, `deployments.apps`. Versions of a type share it. */
  readonly storage: string;
  /** How this version differs from the stored form. Absent: by its `apiVersion` only. */
  readonly shape?: { readonly fromStored: (stored: KubeObject) => Fields; readonly toStored: (sent: Fields) => Fields };
  readonly scalePaths?: ScalePaths;
  /** Changes of the spec are not counted in `metadata.generation`. */
  readonly isUncounted?: boolean;
  /** Set for custom resources. */
  readonly custom?: { readonly schema: StructuralSchema; readonly columns: readonly PrinterColumn[] };
}

export const ALL_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"] as const;

export function apiVersionOf(definition: Pick<ResourceDefinition, "group" | "version">): string {
  return definition.group === "" ? definition.version : `${definition.group}/${definition.version}`;
}

/** The kind as messages name it: `Pod`, `Deployment.apps`. */
export function qualifiedKind(definition: ResourceDefinition): string {
  return definition.group === "" ? definition.kind : `${definition.kind}.${definition.group}`;
}

export function storageName(group: string, plural: string): string {
  return group === "" ? plural : `${plural}.${group}`;
}
