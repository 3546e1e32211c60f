import type { Millis } from "./result.ts";

/** Everything an account has at EKS in one Region, as plain JSON: what it is today, and what outlives the process that holds it. */
export interface EksState {
  readonly clusters: Readonly<Record<string, ClusterRecord>>;
}

export const EMPTY_STATE: EksState = { clusters: {} };

export type Tags = Readonly<Record<string, string>>;

export type ClusterStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING" | "FAILED";
export type AuthenticationMode = "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API";

export interface VpcConfig {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly vpcId: string;
  readonly endpointPublicAccess: boolean;
  readonly endpointPrivateAccess: boolean;
  readonly publicAccessCidrs: readonly string[];
}

export type NetworkConfig =
  | { readonly ipFamily: "ipv4"; readonly serviceIpv4Cidr: string }
  | { readonly ipFamily: "ipv6"; readonly serviceIpv6Cidr: string };

/** What a cluster is reached by; there once its control plane runs. */
export interface ClusterConnection {
  readonly endpoint: string;
  /** PEM. */
  readonly caPem: string;
}

export interface ClusterRecord {
  readonly name: string;
  readonly arn: string;
  /** 32 hex digits, the last part of its OIDC issuer. */
  readonly issuerId: string;
  readonly createdAt: Millis;
  readonly creatorArn: string;
  /** `1.35` */
  readonly version: string;
  readonly roleArn: string;
  readonly status: ClusterStatus;
  readonly vpc: VpcConfig;
  readonly network: NetworkConfig;
  /** Made with the control plane. */
  readonly clusterSecurityGroupId?: string;
  readonly connection?: ClusterConnection;
  readonly authenticationMode: AuthenticationMode;
  readonly isCreatorAdmin: boolean;
  /** Log types that are on. */
  readonly logTypes: readonly string[];
  readonly supportType: "STANDARD" | "EXTENDED";
  readonly hasDeletionProtection: boolean;
  readonly hasSelfManagedAddons: boolean;
  readonly tags: Tags;
  readonly health: readonly HealthIssue[];
  readonly addons: Readonly<Record<string, AddonRecord>>;
  readonly updates: readonly UpdateRecord[];
  readonly associations: Readonly<Record<string, AssociationRecord>>;
  readonly accessEntries: Readonly<Record<string, AccessEntryRecord>>;
  readonly identityProviders: Readonly<Record<string, IdentityProviderRecord>>;
  /** What requests with a token were answered, by operation and token. */
  readonly replies: Readonly<Record<string, ReplyRecord>>;
}

/** A request that has been carried out: the same token with the same parameters is not carried out again. */
export interface ReplyRecord {
  /** The parameters, as one text. */
  readonly parameters: string;
  /** What it made: a name or an id. */
  readonly made: string;
}

export interface HealthIssue {
  readonly code: string;
  readonly message: string;
  readonly resourceIds: readonly string[];
}

export type AddonStatus =
  | "CREATING"
  | "ACTIVE"
  | "CREATE_FAILED"
  | "UPDATING"
  | "UPDATE_FAILED"
  | "DEGRADED"
  | "DELETING"
  | "DELETE_FAILED";

export type ResolveConflicts = "NONE" | "OVERWRITE" | "PRESERVE";

export interface AddonRecord {
  readonly name: string;
  readonly arn: string;
  readonly status: AddonStatus;
  readonly version: string;
  /** As given, JSON or YAML text. */
  readonly configurationValues?: string;
  readonly serviceAccountRoleArn?: string;
  readonly namespace: string;
  readonly associationIds: readonly string[];
  readonly health: readonly HealthIssue[];
  readonly createdAt: Millis;
  readonly modifiedAt: Millis;
  readonly tags: Tags;
  /** What is being done to it, for whoever does it. */
  readonly work?: AddonWork;
  /** When its objects were last put right. */
  readonly repairedAt?: Millis;
}

export type AddonWork =
  | { readonly kind: "create"; readonly resolveConflicts: ResolveConflicts }
  | { readonly kind: "update"; readonly resolveConflicts: ResolveConflicts; readonly updateId: string }
  | { readonly kind: "delete"; readonly isPreserving: boolean };

export type UpdateStatus = "InProgress" | "Failed" | "Cancelled" | "Successful";

export interface UpdateRecord {
  readonly id: string;
  readonly status: UpdateStatus;
  /** `VersionUpdate`, `EndpointAccessUpdate`, `AddonUpdate`, … */
  readonly type: string;
  readonly params: readonly { readonly type: string; readonly value: string }[];
  readonly createdAt: Millis;
  readonly errors: readonly UpdateError[];
  /** The add-on it is of; the cluster's own when absent. */
  readonly addonName?: string;
}

export interface UpdateError {
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly resourceIds: readonly string[];
}

export interface AssociationRecord {
  readonly id: string;
  readonly arn: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleArn: string;
  readonly targetRoleArn?: string;
  readonly externalId?: string;
  readonly policy?: string;
  readonly disableSessionTags: boolean;
  /** The add-on that owns it. */
  readonly ownerArn?: string;
  readonly tags: Tags;
  readonly createdAt: Millis;
  readonly modifiedAt: Millis;
}

export type AccessEntryType = "STANDARD" | "EC2_LINUX" | "EC2_WINDOWS" | "FARGATE_LINUX" | "EC2" | "HYBRID_LINUX" | "HYPERPOD_LINUX";

export interface AccessEntryRecord {
  readonly principalArn: string;
  readonly arn: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly type: AccessEntryType;
  readonly policies: Readonly<Record<string, AccessPolicyAssociation>>;
  readonly tags: Tags;
  readonly createdAt: Millis;
  readonly modifiedAt: Millis;
}

export interface AccessPolicyAssociation {
  readonly policyArn: string;
  readonly scope: AccessScope;
  readonly associatedAt: Millis;
  readonly modifiedAt: Millis;
}

export type AccessScope = { readonly type: "cluster" } | { readonly type: "namespace"; readonly namespaces: readonly string[] };

export interface IdentityProviderRecord {
  readonly name: string;
  readonly arn: string;
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly usernameClaim?: string;
  readonly usernamePrefix?: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix?: string;
  readonly requiredClaims: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly status: "CREATING" | "ACTIVE" | "DELETING";
}
