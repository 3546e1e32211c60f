export type { IamError, IamErrorCode, Millis, Result } from "./result.ts";
export type { ConditionOperator, ConditionTest, PolicyDocument, PrincipalElement, PrincipalKind, Statement } from "./policy/document.ts";
export { countedLength, readPolicy, type PolicyUse } from "./policy/read-policy.ts";
export { contextOf, type AccessRequest, type ContextKeys } from "./policy/request.ts";
export { matchesArn, matchesWildcard } from "./policy/wildcard.ts";
export { evaluate, type DecidingStatement, type Decision, type NamedPolicy, type PolicyLayer, type PolicySet } from "./policy/evaluate.ts";
export { evaluateTrust, type TrustDecision, type TrustedParty } from "./policy/trust.ts";
export {
  emptyAccount,
  type AccessKey,
  type Account,
  type InlinePolicy,
  type InstanceProfile,
  type ManagedPolicy,
  type OidcProvider,
  type PolicyHolder,
  type PolicyVersion,
  type Role,
  type Tags,
  type User,
} from "./account/account.ts";
export { assumedRoleArn, iamArn, readRoleArn, rootArn } from "./account/arn.ts";
export type { Edit, EditCall, IdPrefix } from "./account/edit.ts";
export { IAM_QUOTAS } from "./account/quotas.ts";
export { createRole, deleteRole, roleNamed, updateRole, updateTrustPolicy, type CreateRoleInput } from "./account/roles.ts";
export {
  createAccessKey,
  createUser,
  deleteAccessKey,
  deleteUser,
  updateAccessKey,
  userNamed,
  type CreateUserInput,
} from "./account/users.ts";
export {
  attachPolicy,
  deleteInlinePolicy,
  detachPolicy,
  holderNamed,
  inlinePolicy,
  putInlinePolicy,
  setBoundary,
  type HolderName,
} from "./account/holder-policies.ts";
export {
  attachmentsOf,
  createPolicy,
  createPolicyVersion,
  defaultDocument,
  deletePolicy,
  deletePolicyVersion,
  managedPolicy,
  setDefaultVersion,
  versionOf,
  type CreatePolicyInput,
} from "./account/managed-policies.ts";
export {
  addRoleToInstanceProfile,
  createInstanceProfile,
  deleteInstanceProfile,
  instanceProfileNamed,
  removeRoleFromInstanceProfile,
  type CreateInstanceProfileInput,
} from "./account/instance-profiles.ts";
export {
  addClientId,
  createOidcProvider,
  deleteOidcProvider,
  oidcProviderByArn,
  oidcProviderOf,
  removeClientId,
  setThumbprints,
  type CreateOidcProviderInput,
} from "./account/oidc-providers.ts";
export { addTags, removeTags, tagsOf, type TaggedKind, type TaggedThing } from "./account/tagging.ts";
export { policiesOf } from "./account/policies-of.ts";
export { AWS_MANAGED_POLICIES } from "./managed-policies/index.ts";
export type { SessionAsker, SessionGrant } from "./sts/session.ts";
export type { SessionRequest } from "./sts/session-input.ts";
export { decideAssumeRole, tagContext, type AssumeRoleRequest } from "./sts/assume-role.ts";
export { decideWebIdentity, providerForToken, type WebIdentityClaims, type WebIdentityRequest } from "./sts/web-identity.ts";
export { decidePodIdentity, POD_IDENTITY_SERVICE, type PodIdentityRequest } from "./sts/pod-identity.ts";
export { sessionPolicySet } from "./sts/session-policies.ts";
