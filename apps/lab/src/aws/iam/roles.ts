import type {
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteRoleRequest,
  GetRoleRequest,
  GetRoleResponse,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  ListRolesRequest,
  ListRolesResponse,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleDescriptionResponse,
  UpdateRoleRequest,
  UpdateRoleResponse,
} from "@aws-sdk/client-iam";
import { createRole, deleteRole, roleNamed, updateRole, updateTrustPolicy } from "@slash28/iam";
import { DONE, mutation, need, read, type AnyAction } from "../action.ts";
import { present } from "../present.ts";
import { accountOf, given, underPath, type IamPlace } from "./iam-action.ts";
import { markerPage } from "./pages.ts";
import { tagPairs, wireInstanceProfile, wireRole } from "./wire-iam.ts";

export function roleActions(place: IamPlace): readonly AnyAction[] {
  return [
    mutation<CreateRoleRequest, CreateRoleResponse>("CreateRole", (input) => {
      const role = place.account.change((account, call) => createRole(account, createInput(input), call));
      return { Role: wireRole(role) };
    }),
    read<GetRoleRequest, GetRoleResponse>("GetRole", ({ RoleName }) => ({
      Role: wireRole(given(roleNamed(accountOf(place), need(RoleName, "RoleName")))),
    })),
    read<ListRolesRequest, ListRolesResponse>("ListRoles", (input) => {
      const { items, more } = markerPage(underPath(accountOf(place).roles, input.PathPrefix), input, ({ name }) => name);
      return { Roles: items.map((role) => wireRole(role, "listed")), ...more };
    }),
    mutation<UpdateRoleRequest, UpdateRoleResponse>("UpdateRole", ({ RoleName, Description, MaxSessionDuration }) => {
      const fields = present({ description: Description, sessionSecondsMax: MaxSessionDuration });
      place.account.change((account) => updateRole(account, { name: need(RoleName, "RoleName"), ...fields }));
      return {};
    }),
    mutation<UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse>("UpdateRoleDescription", ({ RoleName, Description }) => {
      const input = { name: need(RoleName, "RoleName"), description: need(Description, "Description") };
      return { Role: wireRole(place.account.change((account) => updateRole(account, input))) };
    }),
    mutation<UpdateAssumeRolePolicyRequest, object>("UpdateAssumeRolePolicy", ({ RoleName, PolicyDocument }) => {
      place.account.change((account) => updateTrustPolicy(account, need(RoleName, "RoleName"), need(PolicyDocument, "PolicyDocument")));
      return DONE;
    }),
    mutation<DeleteRoleRequest, object>("DeleteRole", ({ RoleName }) => {
      place.account.change((account) => deleteRole(account, need(RoleName, "RoleName")));
      return DONE;
    }),
    read<ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse>("ListInstanceProfilesForRole", (input) => {
      const account = accountOf(place);
      const role = given(roleNamed(account, need(input.RoleName, "RoleName")));
      const profiles = account.instanceProfiles.filter(({ roles }) => roles.includes(role.name));
      const { items, more } = markerPage(profiles, input, ({ name }) => name);
      return { InstanceProfiles: items.map((profile) => wireInstanceProfile(account, profile)), ...more };
    }),
  ];
}

function createInput(input: CreateRoleRequest): Parameters<typeof createRole>[1] {
  return {
    name: need(input.RoleName, "RoleName"),
    trustPolicy: need(input.AssumeRolePolicyDocument, "AssumeRolePolicyDocument"),
    tags: tagPairs(input.Tags),
    ...present({
      path: input.Path,
      description: input.Description,
      sessionSecondsMax: input.MaxSessionDuration,
      boundary: input.PermissionsBoundary,
    }),
  };
}
