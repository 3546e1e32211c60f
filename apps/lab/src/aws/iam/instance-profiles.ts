import type {
  AddRoleToInstanceProfileRequest,
  CreateInstanceProfileRequest,
  CreateInstanceProfileResponse,
  DeleteInstanceProfileRequest,
  GetInstanceProfileRequest,
  GetInstanceProfileResponse,
  ListInstanceProfilesRequest,
  ListInstanceProfilesResponse,
  RemoveRoleFromInstanceProfileRequest,
} from "@aws-sdk/client-iam";
import {
  addRoleToInstanceProfile,
  createInstanceProfile,
  deleteInstanceProfile,
  instanceProfileNamed,
  removeRoleFromInstanceProfile,
} from "@slash28/iam";
import { DONE, mutation, need, read, type AnyAction } from "../action.ts";
import { present } from "../present.ts";
import { accountOf, given, underPath, type IamPlace } from "./iam-action.ts";
import { markerPage } from "./pages.ts";
import { tagPairs, wireInstanceProfile } from "./wire-iam.ts";

export function instanceProfileActions(place: IamPlace): readonly AnyAction[] {
  return [
    mutation<CreateInstanceProfileRequest, CreateInstanceProfileResponse>("CreateInstanceProfile", (input) => {
      const wanted = {
        name: need(input.InstanceProfileName, "InstanceProfileName"),
        tags: tagPairs(input.Tags),
        ...present({ path: input.Path }),
      };
      const made = place.account.change((account, call) => createInstanceProfile(account, wanted, call));
      return { InstanceProfile: wireInstanceProfile(accountOf(place), made) };
    }),
    read<GetInstanceProfileRequest, GetInstanceProfileResponse>("GetInstanceProfile", ({ InstanceProfileName }) => {
      const account = accountOf(place);
      const found = given(instanceProfileNamed(account, need(InstanceProfileName, "InstanceProfileName")));
      return { InstanceProfile: wireInstanceProfile(account, found) };
    }),
    read<ListInstanceProfilesRequest, ListInstanceProfilesResponse>("ListInstanceProfiles", (input) => {
      const account = accountOf(place);
      const { items, more } = markerPage(underPath(account.instanceProfiles, input.PathPrefix), input, ({ name }) => name);
      return { InstanceProfiles: items.map((profile) => wireInstanceProfile(account, profile)), ...more };
    }),
    mutation<DeleteInstanceProfileRequest, object>("DeleteInstanceProfile", ({ InstanceProfileName }) => {
      place.account.change((account) => deleteInstanceProfile(account, need(InstanceProfileName, "InstanceProfileName")));
      return DONE;
    }),
    mutation<AddRoleToInstanceProfileRequest, object>("AddRoleToInstanceProfile", (input) => {
      const [profile, role] = [need(input.InstanceProfileName, "InstanceProfileName"), need(input.RoleName, "RoleName")];
      place.account.change((account) => addRoleToInstanceProfile(account, profile, role));
      return DONE;
    }),
    mutation<RemoveRoleFromInstanceProfileRequest, object>("RemoveRoleFromInstanceProfile", (input) => {
      const [profile, role] = [need(input.InstanceProfileName, "InstanceProfileName"), need(input.RoleName, "RoleName")];
      place.account.change((account) => removeRoleFromInstanceProfile(account, profile, role));
      return DONE;
    }),
  ];
}
