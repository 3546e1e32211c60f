import type {
  AccessEntryRecord,
  AddonRecord,
  AssociationRecord,
  ClusterRecord,
  EksState,
  HealthIssue,
  IdentityProviderRecord,
  UpdateRecord,
} from "@slash28/eks";
import { z } from "zod";

/** Free text by name: tags, labels. */
export const texts = z.record(z.string(), z.string());
const text = z.string();
const list = z.array(text);
const millis = z.number();

export const healthIssue = z.looseObject({ code: text, message: text, resourceIds: list }) satisfies z.ZodType<HealthIssue>;

export const updateRecord = z.looseObject({
  id: text,
  status: z.enum(["InProgress", "Failed", "Cancelled", "Successful"]),
  type: text,
  params: z.array(z.looseObject({ type: text, value: text })),
  createdAt: millis,
  errors: z.array(z.looseObject({ errorCode: text, errorMessage: text, resourceIds: list })),
  addonName: text.exactOptional(),
}) satisfies z.ZodType<UpdateRecord>;

const resolveConflicts = z.enum(["NONE", "OVERWRITE", "PRESERVE"]);

const addon = z.looseObject({
  name: text,
  arn: text,
  status: z.enum(["CREATING", "ACTIVE", "CREATE_FAILED", "UPDATING", "UPDATE_FAILED", "DEGRADED", "DELETING", "DELETE_FAILED"]),
  version: text,
  configurationValues: text.exactOptional(),
  serviceAccountRoleArn: text.exactOptional(),
  namespace: text,
  associationIds: list,
  health: z.array(healthIssue),
  createdAt: millis,
  modifiedAt: millis,
  tags: texts,
  work: z
    .discriminatedUnion("kind", [
      z.looseObject({ kind: z.literal("create"), resolveConflicts }),
      z.looseObject({ kind: z.literal("update"), resolveConflicts, updateId: text }),
      z.looseObject({ kind: z.literal("delete"), isPreserving: z.boolean() }),
    ])
    .exactOptional(),
  repairedAt: millis.exactOptional(),
}) satisfies z.ZodType<AddonRecord>;

const association = z.looseObject({
  id: text,
  arn: text,
  namespace: text,
  serviceAccount: text,
  roleArn: text,
  targetRoleArn: text.exactOptional(),
  externalId: text.exactOptional(),
  policy: text.exactOptional(),
  disableSessionTags: z.boolean(),
  ownerArn: text.exactOptional(),
  tags: texts,
  createdAt: millis,
  modifiedAt: millis,
}) satisfies z.ZodType<AssociationRecord>;

const accessPolicy = z.looseObject({
  policyArn: text,
  scope: z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("cluster") }),
    z.looseObject({ type: z.literal("namespace"), namespaces: list }),
  ]),
  associatedAt: millis,
  modifiedAt: millis,
});

const accessEntry = z.looseObject({
  principalArn: text,
  arn: text,
  username: text,
  groups: list,
  type: z.enum(["STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX"]),
  policies: z.record(text, accessPolicy),
  tags: texts,
  createdAt: millis,
  modifiedAt: millis,
}) satisfies z.ZodType<AccessEntryRecord>;

const identityProvider = z.looseObject({
  name: text,
  arn: text,
  issuerUrl: text,
  clientId: text,
  usernameClaim: text.exactOptional(),
  usernamePrefix: text.exactOptional(),
  groupsClaim: text.exactOptional(),
  groupsPrefix: text.exactOptional(),
  requiredClaims: texts,
  tags: texts,
  status: z.enum(["CREATING", "ACTIVE", "DELETING"]),
}) satisfies z.ZodType<IdentityProviderRecord>;

const cluster = z.looseObject({
  name: text,
  arn: text,
  issuerId: text,
  createdAt: millis,
  creatorArn: text,
  version: text,
  roleArn: text,
  status: z.enum(["CREATING", "ACTIVE", "UPDATING", "DELETING", "FAILED"]),
  vpc: z.looseObject({
    subnetIds: list,
    securityGroupIds: list,
    vpcId: text,
    endpointPublicAccess: z.boolean(),
    endpointPrivateAccess: z.boolean(),
    publicAccessCidrs: list,
  }),
  network: z.discriminatedUnion("ipFamily", [
    z.looseObject({ ipFamily: z.literal("ipv4"), serviceIpv4Cidr: text }),
    z.looseObject({ ipFamily: z.literal("ipv6"), serviceIpv6Cidr: text }),
  ]),
  clusterSecurityGroupId: text.exactOptional(),
  connection: z.looseObject({ endpoint: text, caPem: text }).exactOptional(),
  authenticationMode: z.enum(["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"]),
  isCreatorAdmin: z.boolean(),
  logTypes: list,
  supportType: z.enum(["STANDARD", "EXTENDED"]),
  hasDeletionProtection: z.boolean(),
  hasSelfManagedAddons: z.boolean(),
  tags: texts,
  health: z.array(healthIssue),
  addons: z.record(text, addon),
  updates: z.array(updateRecord),
  associations: z.record(text, association),
  accessEntries: z.record(text, accessEntry),
  identityProviders: z.record(text, identityProvider),
  replies: z.record(text, z.looseObject({ parameters: text, made: text })),
}) satisfies z.ZodType<ClusterRecord>;

export const eksShape = z.looseObject({ clusters: z.record(text, cluster) }) satisfies z.ZodType<EksState>;
