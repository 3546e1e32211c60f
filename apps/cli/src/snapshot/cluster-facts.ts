import { asJson, distinct, objectsOf, textOf, type Json, type SnapshotDocument } from "./documents.ts";

/** What earlier documents tell of where to look next. */
export interface ClusterFacts {
  readonly clusterName?: string;
  readonly region?: string;
  readonly instanceIds: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly vpcIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly addons: readonly string[];
  readonly nodeGroups: readonly string[];
  readonly podIdentityIds: readonly string[];
  readonly launchTemplates: readonly { readonly id: string; readonly version: string }[];
  /** Names of roles of nodes, of the VPC CNI and of its service account. */
  readonly roles: readonly string[];
  readonly instanceProfiles: readonly string[];
  readonly attachments: readonly { readonly role: string; readonly policy: string; readonly arn: string }[];
  readonly policyVersions: readonly { readonly role: string; readonly policy: string; readonly arn: string; readonly version: string }[];
  readonly inlinePolicies: readonly { readonly role: string; readonly policy: string }[];
  readonly loadBalancers: readonly string[];
  readonly targetGroups: readonly string[];
}

const ROLE_OF_SERVICE_ACCOUNT = "eks.amazonaws.com/role-arn";
/** Tags by which instances tell their cluster: EKS's, eksctl's and Karpenter's, and the one that every self-made node has. */
const CLUSTER_TAGS = ["eks:cluster-name", "aws:eks:cluster-name", "alpha.eksctl.io/cluster-name"];
const OWNED = "kubernetes.io/cluster/";

/** Reads the documents so far; what was told by hand goes before what they say. */
export function factsOf(documents: readonly SnapshotDocument[], told: { readonly cluster?: string | undefined }): ClusterFacts {
  const all = (member: string): readonly Json[] => documents.flatMap(({ json }) => objectsOf(json[member]));
  const one = (member: string): readonly Json[] => documents.map(({ json }) => asJson(json[member])).filter((json) => json !== undefined);
  const texts = (member: string): readonly string[] =>
    distinct(documents.flatMap(({ json }) => (Array.isArray(json[member]) ? (json[member] as readonly unknown[]).map(textOf) : [])));
  const nodes = documents.filter(({ json }) => json["kind"] === "NodeList").flatMap(({ json }) => objectsOf(json["items"]));
  const accounts = documents.filter(({ json }) => json["kind"] === "ServiceAccountList").flatMap(({ json }) => objectsOf(json["items"]));
  const instances = all("Reservations").flatMap((reservation) => objectsOf(reservation["Instances"]));
  const nodeGroups = one("nodegroup");
  const labels = nodes.map((node) => asJson(asJson(node["metadata"])?.["labels"]) ?? {});
  const cluster = told.cluster ?? clusterOf(instances);
  const region = labels.map((each) => textOf(each["topology.kubernetes.io/region"])).find((each) => each !== undefined);
  return {
    ...(cluster === undefined ? {} : { clusterName: cluster }),
    ...(region === undefined ? {} : { region }),
    instanceIds: distinct(nodes.map((node) => /^aws:\/\/.*\/(i-[0-9a-f]+)$/.exec(String(asJson(node["spec"])?.["providerID"]))?.[1])),
    instanceTypes: distinct([
      ...labels.map((each) => textOf(each["node.kubernetes.io/instance-type"])),
      ...nodeGroups.flatMap((group) =>
        Array.isArray(group["instanceTypes"]) ? (group["instanceTypes"] as readonly unknown[]).map(textOf) : [],
      ),
    ]),
    vpcIds: distinct([
      ...instances.map((instance) => textOf(instance["VpcId"])),
      ...one("cluster").map((each) => textOf(asJson(each["resourcesVpcConfig"])?.["vpcId"])),
    ]),
    subnetIds: distinct(all("Subnets").map((subnet) => textOf(subnet["SubnetId"]))),
    addons: texts("addons"),
    nodeGroups: texts("nodegroups"),
    podIdentityIds: distinct(all("associations").map((association) => textOf(association["associationId"]))),
    launchTemplates: nodeGroups.flatMap((group) => {
      const template = asJson(group["launchTemplate"]);
      const id = textOf(template?.["id"]);
      return id === undefined ? [] : [{ id, version: textOf(template?.["version"]) ?? "$Default" }];
    }),
    ...identityFacts({ one, accounts, instances, nodeGroups, documents }),
    loadBalancers: distinct(all("LoadBalancers").map((each) => textOf(each["LoadBalancerArn"]))),
    targetGroups: distinct(all("TargetGroups").map((each) => textOf(each["TargetGroupArn"]))),
  };
}

interface Parts {
  readonly one: (member: string) => readonly Json[];
  readonly accounts: readonly Json[];
  readonly instances: readonly Json[];
  readonly nodeGroups: readonly Json[];
  readonly documents: readonly SnapshotDocument[];
}

type IdentityFacts = Pick<ClusterFacts, "roles" | "instanceProfiles" | "attachments" | "policyVersions" | "inlinePolicies">;

function identityFacts({ one, accounts, instances, nodeGroups, documents }: Parts): IdentityFacts {
  const ofAccounts = accounts
    .map((account) => asJson(account["metadata"]))
    .filter((metadata) => metadata?.["namespace"] === "kube-system")
    .map((metadata) => textOf(asJson(metadata?.["annotations"])?.[ROLE_OF_SERVICE_ACCOUNT]));
  const ofProfiles = one("InstanceProfile").flatMap((profile) => objectsOf(profile["Roles"]).map((role) => textOf(role["RoleName"])));
  const arns = [
    ...nodeGroups.map((group) => textOf(group["nodeRole"])),
    ...one("addon").map((addon) => textOf(addon["serviceAccountRoleArn"])),
    ...one("association")
      .filter((association) => association["namespace"] === "kube-system")
      .map((association) => textOf(association["roleArn"])),
    ...ofAccounts,
  ];
  const roles = distinct([...arns.map(lastOf), ...ofProfiles]);
  return {
    roles,
    instanceProfiles: distinct(instances.map((instance) => lastOf(textOf(asJson(instance["IamInstanceProfile"])?.["Arn"])))),
    attachments: ofRoles(documents, "AttachedPolicies").flatMap(({ role, json }) =>
      objectsOf(json["AttachedPolicies"]).flatMap((attached) => {
        const [policy, arn] = [textOf(attached["PolicyName"]), textOf(attached["PolicyArn"])];
        return policy === undefined || arn === undefined ? [] : [{ role, policy, arn }];
      }),
    ),
    policyVersions: ofRoles(documents, "Policy").flatMap(({ role, json }) => {
      const found = asJson(json["Policy"]);
      const [policy, arn, version] = [textOf(found?.["PolicyName"]), textOf(found?.["Arn"]), textOf(found?.["DefaultVersionId"])];
      return policy === undefined || arn === undefined || version === undefined ? [] : [{ role, policy, arn, version }];
    }),
    inlinePolicies: ofRoles(documents, "PolicyNames").flatMap(({ role, json }) =>
      ((json["PolicyNames"] ?? []) as readonly unknown[]).flatMap((name) => {
        const policy = textOf(name);
        return policy === undefined ? [] : [{ role, policy }];
      }),
    ),
  };
}

/** Documents about a role that have a member, and whose role they are about. */
function ofRoles(documents: readonly SnapshotDocument[], member: string): readonly { readonly role: string; readonly json: Json }[] {
  return documents.flatMap(({ json }) => {
    const role = textOf(json["RoleName"]);
    return role === undefined || json[member] === undefined ? [] : [{ role, json }];
  });
}

/** The name at the end of an ARN, whatever its path. */
function lastOf(arn: string | undefined): string | undefined {
  return arn?.split("/").at(-1);
}

function clusterOf(instances: readonly Json[]): string | undefined {
  for (const instance of instances) {
    const tags = objectsOf(instance["Tags"]).map((tag) => [textOf(tag["Key"]) ?? "", textOf(tag["Value"])] as const);
    const named =
      tags.find(([key]) => CLUSTER_TAGS.includes(key))?.[1] ?? tags.find(([key]) => key.startsWith(OWNED))?.[0].slice(OWNED.length);
    if (named !== undefined) return named;
  }
  return undefined;
}
