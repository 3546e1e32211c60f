/** What a cluster's admission knows besides its objects. */
export interface IdentitySettings {
  /** For `AWS_REGION`, so that SDKs ask STS of their own Region. */
  readonly region: string;
  /** Pods of an IPv6 cluster reach the agent by IPv6. */
  readonly isIpv6: boolean;
}

/** Where the files of a token are in a pod, and what they are for. */
export interface TokenPlace {
  readonly volume: string;
  readonly mountPath: string;
  readonly file: string;
}

/** Names and paths of EKS (EKS User Guide, "EKS Pod Identity", "IAM roles for service accounts"). */
export const POD_IDENTITY_TOKEN: TokenPlace = {
  volume: "eks-pod-identity-token",
  mountPath: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount",
  file: "eks-pod-identity-token",
};
export const WEB_IDENTITY_TOKEN: TokenPlace = {
  volume: "aws-iam-token",
  mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount",
  file: "token",
};

export const ANNOTATION_PREFIX = "eks.amazonaws.com/";
/** Pods with this label are left alone. */
export const SKIP_LABEL = `${ANNOTATION_PREFIX}skip-pod-identity-webhook`;
/** Set on pods that have an association. */
export const POD_IDENTITY_LABEL = `${ANNOTATION_PREFIX}pod-identity`;
