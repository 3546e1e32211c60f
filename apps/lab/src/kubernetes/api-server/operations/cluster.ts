import type { KubeObject, Owners, Store } from "@slash28/kube-store";

import type { ServiceAddresses } from "../admission/service-addresses.ts";
import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import type { ResourceRegistry } from "../resources/resource-registry.ts";
import type { AdmissionStage } from "./admission-stage.ts";

/** What every operation works on. */
export interface Cluster {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly services: ServiceAddresses;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newUid: () => string;
}

/** An object, or a collection, or a part of an object. */
export interface Target {
  readonly definition: ResourceDefinition;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export interface NamedTarget extends Target {
  readonly name: string;
}

export interface WriteOptions {
  readonly isDryRun?: boolean;
  /** What becomes of fields the type does not have. */
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
  /** Admission by who is asking. Absent: what the cluster does by itself, such as emptying a namespace. */
  readonly stage?: AdmissionStage | undefined;
  /** Who writes, as `metadata.managedFields` names them. */
  readonly fieldManager?: string;
  /** The owners of all fields after this write, where they are known already. */
  readonly owners?: Owners;
}

/** The outcome of a write: the object as its version shows it, and what the client should be told besides. */
export interface Written {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/** A stored object as this version of its type shows it. */
export function present(definition: ResourceDefinition, stored: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(definition);
  if (definition.shape !== undefined) return { ...definition.shape.fromStored(stored), apiVersion, kind: definition.kind } as KubeObject;
  return stored.apiVersion === apiVersion ? stored : { ...stored, apiVersion };
}
