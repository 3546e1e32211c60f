import type { KubeObject, KubeResource } from "@slash28/ports";

/** An object and where it is stored. */
export interface Placed {
  readonly resource: KubeResource;
  readonly object: KubeObject;
}

const CRDS: KubeResource = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

/** The custom resources that the VPC CNI brings along: https://github.com/aws/amazon-vpc-cni-k8s and its resource controller. */
export const CUSTOM_RESOURCES: readonly Placed[] = [
  crd({
    group: "crd.k8s.amazonaws.com",
    kind: "ENIConfig",
    plural: "eniconfigs",
    spec: { securityGroups: { type: "array", items: { type: "string" } }, subnet: { type: "string" } },
  }),
  crd({
    group: "vpcresources.k8s.aws",
    kind: "CNINode",
    plural: "cninodes",
    shortNames: ["cnd"],
    spec: {
      features: { type: "array", items: { type: "object", properties: { name: { type: "string" }, value: { type: "string" } } } },
      tags: { type: "object", additionalProperties: { type: "string" } },
    },
  }),
];

interface CrdSketch {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly spec: object;
}

function crd({ group, kind, plural, shortNames, spec }: CrdSketch): Placed {
  const schema = {
    type: "object",
    "x-kubernetes-preserve-unknown-fields": true,
    properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: spec } },
  };
  return {
    resource: CRDS,
    object: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: "Cluster",
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List`, ...(shortNames === undefined ? {} : { shortNames }) },
        versions: [{ name: "v1alpha1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
  };
}
