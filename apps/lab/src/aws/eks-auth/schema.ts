import type { RestSchema } from "../rest-json/schema.ts";

/**
 * EKS Auth's one operation (EKS API reference, "AssumeRoleForPodIdentity", API version 2023-11-26), written by hand: the service's client is not
 * among the packages the other schemas are cut from.
 */
export const EKS_AUTH_SCHEMA: RestSchema = {
  protocol: "rest-json",
  operations: {
    AssumeRoleForPodIdentity: {
      method: "POST",
      path: "/clusters/{clusterName}/assume-role-for-pod-identity",
      input: "AssumeRoleForPodIdentityRequest",
      output: "AssumeRoleForPodIdentityResponse",
    },
  },
  shapes: {
    AssumeRoleForPodIdentityRequest: {
      members: { clusterName: { type: "string", in: "path", required: true }, token: { type: "string", required: true } },
    },
    AssumeRoleForPodIdentityResponse: {
      members: {
        subject: { type: { struct: "Subject" } },
        audience: { type: "string" },
        podIdentityAssociation: { type: { struct: "PodIdentityAssociation" } },
        assumedRoleUser: { type: { struct: "AssumedRoleUser" } },
        credentials: { type: { struct: "Credentials" } },
      },
    },
    Subject: { members: { namespace: { type: "string" }, serviceAccount: { type: "string" } } },
    PodIdentityAssociation: { members: { associationArn: { type: "string" }, associationId: { type: "string" } } },
    AssumedRoleUser: { members: { arn: { type: "string" }, assumeRoleId: { type: "string" } } },
    Credentials: {
      members: {
        sessionToken: { type: "string" },
        secretAccessKey: { type: "string" },
        accessKeyId: { type: "string" },
        expiration: { type: "timestamp" },
      },
    },
  },
  otherActions: [],
};

export interface AssumeRoleForPodIdentityRequest {
  readonly clusterName: string;
  readonly token: string;
}

export interface AssumeRoleForPodIdentityResponse {
  readonly subject: { readonly namespace: string; readonly serviceAccount: string };
  readonly audience: string;
  readonly podIdentityAssociation: { readonly associationArn: string; readonly associationId: string };
  readonly assumedRoleUser: { readonly arn: string; readonly assumeRoleId: string };
  readonly credentials: {
    readonly sessionToken: string;
    readonly secretAccessKey: string;
    readonly accessKeyId: string;
    readonly expiration: Date;
  };
}
