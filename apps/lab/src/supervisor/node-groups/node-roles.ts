import {
  addRoleToInstanceProfile,
  createInstanceProfile,
  deleteInstanceProfile,
  evaluateTrust,
  readPolicy,
  removeRoleFromInstanceProfile,
} from "@slash28/iam";
import { roleName, type Nodegroup } from "@slash28/node-groups";
import type { Identities } from "../../aws/index.ts";

/** What EKS does in IAM for node groups: it looks at their role, and makes an instance profile that gives it to their instances. */
export interface NodeRoles {
  /** What is wrong with a role as a node's role, in EKS's words; `undefined` when it serves. */
  fault(roleArn: string): string | undefined;
  /** The name of the group's instance profile; made when it is not there yet. */
  profileOf(group: Nodegroup): string;
  removeProfile(group: Nodegroup): void;
}

const EC2 = "ec2.amazonaws.com";

export function createNodeRoles(account: Identities["account"]): NodeRoles {
  return {
    fault(roleArn) {
      const role = account.read().roles.find(({ arn }) => arn === roleArn);
      if (role === undefined) return `The role with name ${roleName(roleArn)} cannot be found.`;
      const trust = readPolicy(role.trustPolicy, "trust");
      const isTrusting =
        trust.ok && evaluateTrust(trust.value, { kind: "Service", names: [EC2] }, "sts:AssumeRole", new Map()) === "trusted";
      return isTrusting
        ? undefined
        : `Following required service principals [${EC2}] were not found in the trust relationships of nodeRole ${roleArn}`;
    },
    profileOf(group) {
      const name = profileName(group);
      if (account.read().instanceProfiles.some((profile) => profile.name === name)) return name;
      account.change((before, call) => createInstanceProfile(before, { name }, call));
      account.change((before) => addRoleToInstanceProfile(before, name, roleName(group.nodeRole)));
      return name;
    },
    removeProfile(group) {
      const name = profileName(group);
      const found = account.read().instanceProfiles.find((profile) => profile.name === name);
      if (found === undefined) return;
      for (const role of found.roles) account.change((before) => removeRoleFromInstanceProfile(before, name, role));
      account.change((before) => deleteInstanceProfile(before, name));
    },
  };
}

function profileName({ uuid }: Nodegroup): string {
  return `eks-${uuid}`;
}
