/** What EKS knows of pods' identities; its clusters and associations are its own. */
export interface PodIdentities {
  /** A cluster, and the issuer of its service accounts' tokens; `undefined` when there is none of that name. */
  cluster(name: string): { readonly arn: string; readonly issuer: string } | undefined;
  association(clusterName: string, namespace: string, serviceAccount: string): PodAssociation | undefined;
}

/** One association of a role with a service account. */
export interface PodAssociation {
  readonly arn: string;
  readonly id: string;
  readonly roleArn: string;
  readonly disableSessionTags: boolean;
  /** A second role, taken with the first one's session. */
  readonly targetRoleArn?: string;
  /** Sent along when the second role is taken. */
  readonly externalId?: string;
  /** Inline session policy; of two roles it bounds the second. */
  readonly policy?: string;
}
