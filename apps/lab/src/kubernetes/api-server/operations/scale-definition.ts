import type { ResourceDefinition } from "../resources/resource-definition.ts";

/** The Scale object, which is not stored: it is a view of another object. */
export const SCALE_DEFINITION: ResourceDefinition = {
  group: "autoscaling",
  version: "v1",
  plural: "scales",
  singular: "scale",
  kind: "Scale",
  isNamespaced: true,
  shortNames: [],
  categories: [],
  subresources: [],
  storage: "scales.autoscaling",
};
