import { asId, type SecurityGroupId, type VpcId } from "@slash28/address";
import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
} from "@aws-sdk/client-ec2";
import { answer, mutation, need } from "../../action.ts";
import { tagsFor, tagSet } from "../../query/tag-specifications.ts";
import { groupArn } from "./describe-security-groups.ts";

export const createSecurityGroup = mutation<CreateSecurityGroupRequest, CreateSecurityGroupResult>(
  "CreateSecurityGroup",
  (input, { cloud, call }) => {
    const created = cloud.createSecurityGroup(
      {
        vpcId: asId<VpcId>(need(input.VpcId, "vpcId")),
        name: need(input.GroupName, "groupName"),
        description: need(input.Description, "groupDescription"),
        tags: tagsFor("security-group", input.TagSpecifications),
      },
      call,
    );
    const group = answer(created);
    return { GroupId: group.id, SecurityGroupArn: groupArn(cloud, group), Tags: tagSet(group.tags) };
  },
);

/** By id only: a group's name says nothing outside its VPC. */
export const deleteSecurityGroup = mutation<DeleteSecurityGroupRequest, DeleteSecurityGroupResult>(
  "DeleteSecurityGroup",
  (input, { cloud, call }) => {
    const groupId = asId<SecurityGroupId>(need(input.GroupId, "groupId"));
    answer(cloud.deleteSecurityGroup({ groupId }, call));
    return { Return: true, GroupId: groupId };
  },
);
