import type {
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  CreateUserRequest,
  CreateUserResponse,
  DeleteAccessKeyRequest,
  DeleteUserRequest,
  GetUserRequest,
  GetUserResponse,
  ListAccessKeysRequest,
  ListAccessKeysResponse,
  ListUsersRequest,
  ListUsersResponse,
  UpdateAccessKeyRequest,
} from "@aws-sdk/client-iam";
import { createAccessKey, createUser, deleteAccessKey, deleteUser, updateAccessKey, userNamed } from "@slash28/iam";
import { DONE, mutation, need, read, type ActionContext, type AnyAction } from "../action.ts";
import { AwsError, invalidValue } from "../aws-error.ts";
import { present } from "../present.ts";
import { accountOf, given, underPath, type IamPlace } from "./iam-action.ts";
import { markerPage } from "./pages.ts";
import { tagPairs, wireUser } from "./wire-iam.ts";

export function userActions(place: IamPlace): readonly AnyAction[] {
  /** Where a request names no user it is about whoever asks. */
  const nameOf = (name: string | undefined, { caller }: ActionContext): string => {
    if (name !== undefined) return name;
    const { holder } = place.callerOf(caller, "iam");
    if (holder?.kind === "user") return holder.name;
    throw new AwsError("ValidationError", "Must specify userName when calling with non-User credentials");
  };
  return [
    mutation<CreateUserRequest, CreateUserResponse>("CreateUser", (input) => {
      const fields = present({ path: input.Path, boundary: input.PermissionsBoundary });
      const wanted = { name: need(input.UserName, "UserName"), tags: tagPairs(input.Tags), ...fields };
      return { User: wireUser(place.account.change((account, call) => createUser(account, wanted, call))) };
    }),
    read<GetUserRequest, GetUserResponse>("GetUser", ({ UserName }, context) => ({
      User: wireUser(given(userNamed(accountOf(place), nameOf(UserName, context)))),
    })),
    read<ListUsersRequest, ListUsersResponse>("ListUsers", (input) => {
      const { items, more } = markerPage(underPath(accountOf(place).users, input.PathPrefix), input, ({ name }) => name);
      return { Users: items.map(({ ...user }) => ({ ...wireUser(user), Tags: undefined })), ...more };
    }),
    mutation<DeleteUserRequest, object>("DeleteUser", ({ UserName }) => {
      place.account.change((account) => deleteUser(account, need(UserName, "UserName")));
      return DONE;
    }),
    ...accessKeyActions(place, nameOf),
  ];
}

function accessKeyActions(place: IamPlace, nameOf: (name: string | undefined, context: ActionContext) => string): readonly AnyAction[] {
  return [
    mutation<CreateAccessKeyRequest, CreateAccessKeyResponse>("CreateAccessKey", ({ UserName }, context) => {
      const user = nameOf(UserName, context);
      const key = place.account.change((account, call) => createAccessKey(account, user, call));
      return {
        AccessKey: {
          UserName: user,
          AccessKeyId: key.id,
          Status: key.status,
          SecretAccessKey: key.secret,
          CreateDate: new Date(key.createdAt),
        },
      };
    }),
    read<ListAccessKeysRequest, ListAccessKeysResponse>("ListAccessKeys", (input, context) => {
      const user = given(userNamed(accountOf(place), nameOf(input.UserName, context)));
      const { items, more } = markerPage(user.accessKeys, input, ({ id }) => id);
      const shown = items.map(({ id, status, createdAt }) => ({
        UserName: user.name,
        AccessKeyId: id,
        Status: status,
        CreateDate: new Date(createdAt),
      }));
      return { AccessKeyMetadata: shown, ...more };
    }),
    mutation<UpdateAccessKeyRequest, object>("UpdateAccessKey", ({ UserName, AccessKeyId, Status }, context) => {
      const status = need(Status, "Status");
      if (status !== "Active" && status !== "Inactive")
        throw invalidValue(`Invalid value '${status}' for Status: must be Active or Inactive`);
      const user = nameOf(UserName, context);
      place.account.change((account) => updateAccessKey(account, user, need(AccessKeyId, "AccessKeyId"), status));
      return DONE;
    }),
    mutation<DeleteAccessKeyRequest, object>("DeleteAccessKey", ({ UserName, AccessKeyId }, context) => {
      const user = nameOf(UserName, context);
      place.account.change((account) => deleteAccessKey(account, user, need(AccessKeyId, "AccessKeyId")));
      return DONE;
    }),
  ];
}
