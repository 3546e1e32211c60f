import { AWS_READS } from "./aws-reads.ts";
import { distinct } from "./documents.ts";
import { KUBERNETES_READS } from "./kubernetes-reads.ts";

/** What a snapshot may need, all of it reading. */
export interface Permissions {
  readonly iamPolicy: {
    readonly Version: "2012-10-17";
    readonly Statement: readonly [
      { readonly Sid: string; readonly Effect: "Allow"; readonly Action: readonly string[]; readonly Resource: "*" },
    ];
  };
  readonly rbac: readonly [ClusterRole, ...(readonly Role[])];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface ClusterRole {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "ClusterRole";
  readonly metadata: { readonly name: string };
  readonly rules: readonly Rule[];
}

interface Role {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "Role";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly rules: readonly Rule[];
}

const NAME = "slash28-snapshot";

/** The exact permissions, from the tables that the collection goes by. */
export function permissions(): Permissions {
  const namespaces = distinct(KUBERNETES_READS.map(({ namespace }) => namespace));
  const role = (namespace: string): Role => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: NAME, namespace },
    rules: rulesOf(namespace),
  });
  return {
    iamPolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Slash28Snapshot",
          Effect: "Allow",
          Action: distinct(AWS_READS.map(({ permission }) => permission)).toSorted(),
          Resource: "*",
        },
      ],
    },
    rbac: [
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: NAME }, rules: rulesOf(undefined) },
      ...namespaces.map(role),
    ],
  };
}

/** One rule per API group, and one for each read that names its objects. */
function rulesOf(namespace: string | undefined): readonly Rule[] {
  const reads = KUBERNETES_READS.filter((read) => read.namespace === namespace);
  const listed = reads.filter(({ names }) => names === undefined);
  const named = reads.flatMap(({ resource, names }): readonly Rule[] =>
    names === undefined ? [] : [{ apiGroups: [resource.group], resources: [resource.plural], verbs: ["get"], resourceNames: names }],
  );
  const groups = distinct(listed.map(({ resource }) => resource.group));
  // The core group's name is empty text, which `distinct` keeps.
  return [
    ...groups.map((group): Rule => ({
      apiGroups: [group],
      resources: listed.filter(({ resource }) => resource.group === group).map(({ resource }) => resource.plural),
      verbs: ["list"],
    })),
    ...named,
  ];
}
