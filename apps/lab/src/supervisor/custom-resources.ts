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
    columns: [{ name: "Features", type: "string", jsonPath: ".spec.features" }],
    spec: {
      features: { type: "array", items: { type: "object", properties: { name: { type: "string" }, value: { type: "string" } } } },
      tags: { type: "object", additionalProperties: { type: "string" } },
    },
  }),
];

/**
 * What EKS puts into every cluster for security groups for pods; the VPC CNI does not bring it. The lab keeps these objects, and gives no pod a
 * branch ENI for them.
 * https://github.com/aws/amazon-vpc-resource-controller-k8s, config/crd
 */
export const SECURITY_GROUP_POLICIES: Placed = crd({
  group: "vpcresources.k8s.aws",
  version: "v1beta1",
  scope: "Namespaced",
  kind: "SecurityGroupPolicy",
  plural: "securitygrouppolicies",
  shortNames: ["sgp"],
  columns: [{ name: "Security-Group-Ids", type: "string", jsonPath: ".spec.securityGroups.groupIds" }],
  isStrict: true,
  spec: {
    podSelector: labelSelector(),
    serviceAccountSelector: labelSelector(),
    securityGroups: { type: "object", properties: { groupIds: { type: "array", minItems: 1, items: { type: "string" } } } },
  },
});

interface CrdSketch {
  readonly group: string;
  readonly version?: string;
  readonly scope?: "Cluster" | "Namespaced";
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  /** What `kubectl get` shows beside name and age. */
  readonly columns?: readonly { readonly name: string; readonly type: string; readonly jsonPath: string }[];
  /** Fields that the schema does not know are dropped. */
  readonly isStrict?: boolean;
  readonly spec: object;
}

function crd({
  group,
  version = "v1alpha1",
  scope = "Cluster",
  kind,
  plural,
  shortNames,
  columns = [],
  isStrict = false,
  spec,
}: CrdSketch): Placed {
  const open = isStrict ? {} : { "x-kubernetes-preserve-unknown-fields": true };
  const schema = {
    type: "object",
    ...open,
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: { type: "object", ...open, properties: spec },
    },
  };
  const age = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };
  return {
    resource: CRDS,
    object: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope,
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List`, ...(shortNames === undefined ? {} : { shortNames }) },
        versions: [
          {
            name: version,
            served: true,
            storage: true,
            schema: { openAPIV3Schema: schema },
            ...(columns.length === 0 ? {} : { additionalPrinterColumns: [...columns, age] }),
          },
        ],
      },
    },
  };
}

function labelSelector(): object {
  const requirement = {
    type: "object",
    required: ["key", "operator"],
    properties: { key: { type: "string" }, operator: { type: "string" }, values: { type: "array", items: { type: "string" } } },
  };
  return {
    type: "object",
    properties: {
      matchLabels: { type: "object", additionalProperties: { type: "string" } },
      matchExpressions: { type: "array", items: requirement },
    },
  };
}
