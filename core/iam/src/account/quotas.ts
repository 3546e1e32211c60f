/** IAM's quotas per account (IAM user guide, "IAM and AWS STS quotas"); the defaults of AWS. */
export const IAM_QUOTAS = {
  roles: 1_000,
  users: 5_000,
  instanceProfiles: 1_000,
  customerPolicies: 1_500,
  oidcProviders: 100,
  clientIdsPerOidcProvider: 100,
  thumbprintsPerOidcProvider: 5,
  versionsPerPolicy: 5,
  attachedPolicies: 10,
  accessKeysPerUser: 2,
  tags: 50,
  trustPolicyCharacters: 2_048,
  managedPolicyCharacters: 6_144,
  roleInlineCharacters: 10_240,
  userInlineCharacters: 2_048,
} as const;
