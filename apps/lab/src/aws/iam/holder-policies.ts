import type {
  AttachRolePolicyRequest,
  DeleteRolePolicyRequest,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  GetUserPolicyResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  PutRolePermissionsBoundaryRequest,
  PutRolePolicyRequest,
} from "@aws-sdk/client-iam";
import {
  attachPolicy,
  deleteInlinePolicy,
  detachPolicy,
  holderNamed,
  inlinePolicy,
  putInlinePolicy,
  setBoundary,
  type HolderName,
} from "@slash28/iam";
import { DONE, mutation, need, read, type AnyAction } from "../action.ts";
import { accountOf, given, type IamPlace } from "./iam-action.ts";
import { markerPage } from "./pages.ts";
import { encodedDocument, wireAttached } from "./wire-iam.ts";

/** A request of either kind of holder: their members differ in the holder's name only. */
type Named<Request> = Request & { readonly UserName?: string | undefined };

/** The actions on policies that roles and users have alike: `AttachRolePolicy` and `AttachUserPolicy`, and so on. */
export function holderPolicyActions(place: IamPlace, kind: HolderName["kind"]): readonly AnyAction[] {
  const Kind = kind === "role" ? "Role" : "User";
  const holderOf = (input: { readonly RoleName?: string | undefined; readonly UserName?: string | undefined }): HolderName => ({
    kind,
    name: kind === "role" ? need(input.RoleName, "RoleName") : need(input.UserName, "UserName"),
  });
  return [
    mutation<Named<AttachRolePolicyRequest>, object>(`Attach${Kind}Policy`, (input) => {
      place.account.change((account) => attachPolicy(account, holderOf(input), need(input.PolicyArn, "PolicyArn")));
      return DONE;
    }),
    mutation<Named<AttachRolePolicyRequest>, object>(`Detach${Kind}Policy`, (input) => {
      place.account.change((account) => detachPolicy(account, holderOf(input), need(input.PolicyArn, "PolicyArn")));
      return DONE;
    }),
    read<Named<ListAttachedRolePoliciesRequest>, ListAttachedRolePoliciesResponse>(`ListAttached${Kind}Policies`, (input) => {
      const account = accountOf(place);
      const { attached } = given(holderNamed(account, holderOf(input)));
      const { items, more } = markerPage(attached, input, (arn) => arn);
      return { AttachedPolicies: items.map((arn) => wireAttached(account, arn)), ...more };
    }),
    mutation<Named<PutRolePolicyRequest>, object>(`Put${Kind}Policy`, (input) => {
      const policy = { name: need(input.PolicyName, "PolicyName"), document: need(input.PolicyDocument, "PolicyDocument") };
      place.account.change((account) => putInlinePolicy(account, holderOf(input), policy));
      return DONE;
    }),
    read<Named<GetRolePolicyRequest>, GetRolePolicyResponse | GetUserPolicyResponse>(`Get${Kind}Policy`, (input) => {
      const holder = holderOf(input);
      const found = given(inlinePolicy(given(holderNamed(accountOf(place), holder)), holder, need(input.PolicyName, "PolicyName")));
      return {
        [`${Kind}Name`]: holder.name,
        PolicyName: found.name,
        PolicyDocument: encodedDocument(found.document),
      } as unknown as GetRolePolicyResponse;
    }),
    mutation<Named<DeleteRolePolicyRequest>, object>(`Delete${Kind}Policy`, (input) => {
      place.account.change((account) => deleteInlinePolicy(account, holderOf(input), need(input.PolicyName, "PolicyName")));
      return DONE;
    }),
    read<Named<ListRolePoliciesRequest>, ListRolePoliciesResponse>(`List${Kind}Policies`, (input) => {
      const { inline } = given(holderNamed(accountOf(place), holderOf(input)));
      const { items, more } = markerPage(inline, input, ({ name }) => name);
      return { PolicyNames: items.map(({ name }) => name), ...more };
    }),
    mutation<Named<PutRolePermissionsBoundaryRequest>, object>(`Put${Kind}PermissionsBoundary`, (input) => {
      place.account.change((account) => setBoundary(account, holderOf(input), need(input.PermissionsBoundary, "PermissionsBoundary")));
      return DONE;
    }),
    mutation<Named<{ readonly RoleName: string | undefined }>, object>(`Delete${Kind}PermissionsBoundary`, (input) => {
      place.account.change((account) => setBoundary(account, holderOf(input), undefined));
      return DONE;
    }),
  ];
}
