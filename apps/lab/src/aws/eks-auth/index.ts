import { assumedRoleArn } from "@slash28/iam";
import type { Clock, Log } from "@slash28/ports";
import type { Gate } from "../gate.ts";
import type { Identities } from "../identity/index.ts";
import { createRestService, RestError, restOperation } from "../rest-json/index.ts";
import type { AwsService } from "../service.ts";
import type { IssuerKeys } from "../sts/index.ts";
import type { PodIdentities } from "./pod-identities.ts";
import { podSession } from "./pod-session.ts";
import { POD_AUDIENCE, podOfToken } from "./pod-token.ts";
import { EKS_AUTH_SCHEMA, type AssumeRoleForPodIdentityRequest, type AssumeRoleForPodIdentityResponse } from "./schema.ts";

export type { PodAssociation, PodIdentities } from "./pod-identities.ts";

export interface EksAuthOptions {
  readonly identities: Identities;
  readonly issuerKeys: IssuerKeys;
  readonly pods: PodIdentities;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly log: Log;
}

const PATH = /^\/clusters\/[^/]+\/assume-role-for-pod-identity\/?$/;

/** EKS Auth: exchanges a pod's token for a session of the role that its service account is associated with. */
export function createEksAuthService({ identities, issuerKeys, pods, gate, clock, log }: EksAuthOptions): AwsService {
  const assumeRoleForPodIdentity = restOperation<AssumeRoleForPodIdentityRequest, AssumeRoleForPodIdentityResponse>(
    "AssumeRoleForPodIdentity",
    async ({ clusterName, token }) => {
      const cluster = pods.cluster(clusterName);
      if (cluster === undefined) throw new RestError("ResourceNotFoundException", `No cluster found for name: ${clusterName}.`, 404);
      const pod = await podOfToken(token, cluster.issuer, issuerKeys, clock.now());
      const association = pods.association(clusterName, pod.namespace, pod.serviceAccount);
      if (association === undefined) {
        const where = `service account ${pod.namespace}/${pod.serviceAccount} of cluster ${clusterName}`;
        throw new RestError("ResourceNotFoundException", `No pod identity association was found for the ${where}.`, 404);
      }
      const account = identities.account.read();
      const decided = podSession(account, { association, cluster: { name: clusterName, arn: cluster.arn }, pod }, clock.now());
      // EKS Auth says 400 where other services say 403 (its API reference, "Errors").
      if (!decided.ok) throw new RestError("AccessDeniedException", decided.error.message, 400);
      const grant = decided.value;
      const session = identities.sessions.issue({ kind: "role", grant }, clock.now());
      return {
        subject: { namespace: pod.namespace, serviceAccount: pod.serviceAccount },
        audience: POD_AUDIENCE,
        podIdentityAssociation: { associationArn: association.arn, associationId: association.id },
        assumedRoleUser: {
          arn: assumedRoleArn(account.accountId, grant.roleName, grant.sessionName),
          assumeRoleId: `${grant.roleId}:${grant.sessionName}`,
        },
        credentials: {
          sessionToken: session.sessionToken,
          secretAccessKey: session.secretAccessKey,
          accessKeyId: session.accessKeyId,
          expiration: new Date(session.expiresAt),
        },
      };
    },
  );
  const service = createRestService({
    name: "eks-auth",
    title: "Amazon EKS Auth",
    schema: EKS_AUTH_SCHEMA,
    operations: [assumeRoleForPodIdentity],
    gate,
    log,
  });
  return { ...service, takes: (request) => PATH.test(new URL(request.url).pathname) };
}
