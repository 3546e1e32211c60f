import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyRequest,
  DeletePolicyVersionRequest,
  GetPolicyRequest,
  GetPolicyResponse,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ListEntitiesForPolicyRequest,
  ListEntitiesForPolicyResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  SetDefaultPolicyVersionRequest,
} from "@aws-sdk/client-iam";
import {
  attachmentsOf,
  AWS_MANAGED_POLICIES,
  createPolicy,
  createPolicyVersion,
  deletePolicy,
  deletePolicyVersion,
  managedPolicy,
  setDefaultVersion,
  versionOf,
} from "@slash28/iam";
import { DONE, mutation, need, read, type AnyAction } from "../action.ts";
import { present } from "../present.ts";
import { accountOf, given, underPath, type IamPlace } from "./iam-action.ts";
import { markerPage } from "./pages.ts";
import { tagPairs, wirePolicy, wireVersion } from "./wire-iam.ts";

export function policyActions(place: IamPlace): readonly AnyAction[] {
  return [
    mutation<CreatePolicyRequest, CreatePolicyResponse>("CreatePolicy", (input) => {
      const fields = present({ path: input.Path, description: input.Description });
      const name = need(input.PolicyName, "PolicyName");
      const document = need(input.PolicyDocument, "PolicyDocument");
      const tags = tagPairs(input.Tags);
      const made = place.account.change((account, call) => createPolicy(account, { name, document, tags, ...fields }, call));
      const { Description: _, ...shown } = wirePolicy(accountOf(place), made);
      return { Policy: shown };
    }),
    read<GetPolicyRequest, GetPolicyResponse>("GetPolicy", ({ PolicyArn }) => {
      const account = accountOf(place);
      return { Policy: wirePolicy(account, given(managedPolicy(account, need(PolicyArn, "PolicyArn")))) };
    }),
    read<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", (input) => {
      const account = accountOf(place);
      const scope = input.Scope ?? "All";
      const all = [...(scope === "Local" ? [] : AWS_MANAGED_POLICIES.values()), ...(scope === "AWS" ? [] : account.policies)];
      const wanted = underPath(all, input.PathPrefix).filter(({ arn }) => input.OnlyAttached !== true || isAttached(place, arn));
      const { items, more } = markerPage(wanted, input, ({ arn }) => arn);
      return { Policies: items.map((policy) => wirePolicy(account, policy, "listed")), ...more };
    }),
    mutation<DeletePolicyRequest, object>("DeletePolicy", ({ PolicyArn }) => {
      place.account.change((account) => deletePolicy(account, need(PolicyArn, "PolicyArn")));
      return DONE;
    }),
    read<ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse>("ListEntitiesForPolicy", ({ PolicyArn, EntityFilter }) => {
      const account = accountOf(place);
      const { arn } = given(managedPolicy(account, need(PolicyArn, "PolicyArn")));
      const { roles, users } = attachmentsOf(account, arn);
      const shows = (kind: string): boolean => EntityFilter === undefined || EntityFilter === kind;
      return {
        PolicyGroups: [],
        PolicyRoles: account.roles
          .filter(({ name }) => shows("Role") && roles.includes(name))
          .map(({ name, id }) => ({ RoleName: name, RoleId: id })),
        PolicyUsers: account.users
          .filter(({ name }) => shows("User") && users.includes(name))
          .map(({ name, id }) => ({ UserName: name, UserId: id })),
        IsTruncated: false,
      };
    }),
    ...versionActions(place),
  ];
}

function versionActions(place: IamPlace): readonly AnyAction[] {
  return [
    mutation<CreatePolicyVersionRequest, CreatePolicyVersionResponse>(
      "CreatePolicyVersion",
      ({ PolicyArn, PolicyDocument, SetAsDefault }) => {
        const arn = need(PolicyArn, "PolicyArn");
        const wanted = { arn, document: need(PolicyDocument, "PolicyDocument"), isDefault: SetAsDefault === true };
        const version = place.account.change((account, call) => createPolicyVersion(account, wanted, call));
        return { PolicyVersion: wireVersion(given(managedPolicy(accountOf(place), arn)), version, "listed") };
      },
    ),
    read<GetPolicyVersionRequest, GetPolicyVersionResponse>("GetPolicyVersion", ({ PolicyArn, VersionId }) => {
      const policy = given(managedPolicy(accountOf(place), need(PolicyArn, "PolicyArn")));
      return { PolicyVersion: wireVersion(policy, given(versionOf(policy, need(VersionId, "VersionId")))) };
    }),
    read<ListPolicyVersionsRequest, ListPolicyVersionsResponse>("ListPolicyVersions", (input) => {
      const policy = given(managedPolicy(accountOf(place), need(input.PolicyArn, "PolicyArn")));
      return { Versions: policy.versions.map((version) => wireVersion(policy, version, "listed")), IsTruncated: false };
    }),
    mutation<DeletePolicyVersionRequest, object>("DeletePolicyVersion", ({ PolicyArn, VersionId }) => {
      place.account.change((account) => deletePolicyVersion(account, need(PolicyArn, "PolicyArn"), need(VersionId, "VersionId")));
      return DONE;
    }),
    mutation<SetDefaultPolicyVersionRequest, object>("SetDefaultPolicyVersion", ({ PolicyArn, VersionId }) => {
      const [arn, version] = [need(PolicyArn, "PolicyArn"), need(VersionId, "VersionId")];
      place.account.change((account, { now }) => setDefaultVersion(account, arn, version, now));
      return DONE;
    }),
  ];
}

function isAttached(place: IamPlace, arn: string): boolean {
  const { roles, users } = attachmentsOf(accountOf(place), arn);
  return roles.length + users.length > 0;
}
