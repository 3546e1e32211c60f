import {
  attachPolicy,
  addRoleToInstanceProfile,
  createInstanceProfile,
  createRole,
  emptyAccount,
  type Account,
  type Edit,
  type EditCall,
} from "@slash28/iam";

/** The user behind every access key the lab does not know. */
export const DEFAULT_USER = { name: "lab", id: "AIDASLASH28LABUSER0" } as const;
/** The role of the lab's nodes, and of the instance profile that gives it to them. */
export const NODE_ROLE = "slash28-node";
/** The role clusters are made with when nobody names another. */
export const CLUSTER_ROLE = "slash28-cluster";

const MANAGED = "arn:aws:iam::aws:policy/";

/** What EKS asks of a node's role, and the VPC CNI's policy, which the agent of a node that has no role of its own goes by. */
const NODE_POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"];
const CLUSTER_POLICIES = ["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"];

/** An administrator, a role for nodes with its instance profile, and a role for the cluster. */
export function initialAccount(accountId: string, call: EditCall): Account {
  let account: Account = { ...emptyAccount(accountId), users: [administrator(accountId, call.now)] };
  const must = <T>(edit: Edit<T>): void => {
    if (!edit.ok) throw new Error(`the lab's own account cannot be made: ${edit.error.message}`);
    account = edit.account;
  };
  const make = (name: string, service: string, policies: readonly string[], description: string): void => {
    must(createRole(account, { name, description, trustPolicy: trusting(service) }, call));
    for (const policy of policies) must(attachPolicy(account, { kind: "role", name }, `${MANAGED}${policy}`));
  };
  make(NODE_ROLE, "ec2.amazonaws.com", NODE_POLICIES, "The lab's nodes");
  make(CLUSTER_ROLE, "eks.amazonaws.com", CLUSTER_POLICIES, "The lab's cluster");
  must(createInstanceProfile(account, { name: NODE_ROLE }, call));
  must(addRoleToInstanceProfile(account, NODE_ROLE, NODE_ROLE));
  return account;
}

function administrator(accountId: string, now: number): Account["users"][number] {
  return {
    name: DEFAULT_USER.name,
    id: DEFAULT_USER.id,
    path: "/",
    arn: `arn:aws:iam::${accountId}:user/${DEFAULT_USER.name}`,
    createdAt: now,
    tags: {},
    attached: [`${MANAGED}AdministratorAccess`],
    inline: [],
    accessKeys: [],
  };
}

function trusting(service: string): string {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}
