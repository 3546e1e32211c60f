import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
  AssumedRoleUser,
  PolicyDescriptorType,
} from "@aws-sdk/client-sts";
import { assumedRoleArn, decideAssumeRole, decideWebIdentity, providerForToken, rootArn, type SessionGrant } from "@slash28/iam";
import { need, read, type AnyAction } from "../action.ts";
import { AwsError } from "../aws-error.ts";
import { iamError, refusal, type Identities } from "../identity/index.ts";
import { given } from "../iam/iam-action.ts";
import { present } from "../present.ts";
import { wireCredentials } from "./credentials.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import { checkSignature, readToken } from "./web-token.ts";

export interface StsPlace {
  readonly identities: Identities;
  readonly issuerKeys: IssuerKeys;
}

/** `AssumeRole`: signed by whoever wants the session. */
export function assumeRole({ identities }: StsPlace): AnyAction {
  return read<AssumeRoleRequest, AssumeRoleResponse>("AssumeRole", (input, { call, caller: scope }) => {
    const caller = identities.callerOf(scope, "sts");
    if (caller.kind === "root") throw new AwsError("AccessDenied", "Roles may not be assumed by root accounts.", 403);
    const account = identities.account.read();
    const roleArn = need(input.RoleArn, "RoleArn");
    const context = identities.authorizer.contextFor(caller);
    const wanted = { action: "sts:AssumeRole", resource: roleArn, context };
    const denied = identities.authorizer.decide(caller, wanted);
    if (denied.kind === "explicit-deny" || (denied.kind === "implicit-deny" && denied.layer !== "identity")) {
      throw refusal("sts", caller, wanted, denied);
    }
    const request = {
      ...sessionRequest(input),
      roleArn,
      tags: (input.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value] as const),
      transitiveKeys: input.TransitiveTagKeys ?? [],
      context,
      callerMay: (action: string, resource: string) => identities.authorizer.may(caller, action, resource),
      ...present({ externalId: input.ExternalId, sourceIdentity: input.SourceIdentity }),
    };
    const asker = {
      arn: caller.arn,
      names: caller.names,
      accountRoot: rootArn(account.accountId),
      ...present({ session: caller.session }),
    };
    const grant = given(decideAssumeRole(account, request, asker, call.now));
    const session = identities.sessions.issue({ kind: "role", grant }, call.now);
    return {
      Credentials: wireCredentials(session),
      AssumedRoleUser: assumedRoleUser(account.accountId, grant),
      ...present({ SourceIdentity: grant.sourceIdentity, PackedPolicySize: packedSize(grant) }),
    };
  });
}

/** `AssumeRoleWithWebIdentity`: unsigned; the token says who asks, and its issuer's keys that it is true. */
export function assumeRoleWithWebIdentity({ identities, issuerKeys }: StsPlace): AnyAction {
  return read<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse>("AssumeRoleWithWebIdentity", async (input, { call }) => {
    const account = identities.account.read();
    const token = need(input.WebIdentityToken, "WebIdentityToken");
    const read = readToken(token);
    if (read === undefined) {
      throw new AwsError(
        "InvalidIdentityToken",
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
      );
    }
    const request = { ...sessionRequest(input), roleArn: need(input.RoleArn, "RoleArn") };
    const provider = given(providerForToken(account, request, read.claims));
    await mustHold(issuerKeys, read.claims.iss, token);
    const grant = given(decideWebIdentity(account, request, { provider, claims: read.claims }, call.now));
    const session = identities.sessions.issue({ kind: "role", grant }, call.now);
    return {
      Credentials: wireCredentials(session),
      SubjectFromWebIdentityToken: read.claims.sub,
      AssumedRoleUser: assumedRoleUser(account.accountId, grant),
      Provider: provider.arn,
      ...present({ Audience: grant.federated?.audience, PackedPolicySize: packedSize(grant) }),
    };
  });
}

async function mustHold(keys: IssuerKeys, issuer: string, token: string): Promise<void> {
  const check = await checkSignature(keys, issuer, token);
  switch (check) {
    case "holds":
      return;
    case "issuer-unreachable":
      throw iamError({ code: "IDPCommunicationError", message: `Error occurred while communicating with the identity provider ${issuer}` });
    case "does-not-hold": {
      const message =
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
      throw iamError({ code: "InvalidIdentityToken", message });
    }
    default:
      check satisfies never;
  }
}

function sessionRequest(input: {
  readonly RoleSessionName: string | undefined;
  readonly DurationSeconds?: number | undefined;
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly PolicyDescriptorType[] | undefined;
}): { readonly sessionName: string; readonly durationSeconds?: number; readonly policy?: string; readonly policyArns?: readonly string[] } {
  return {
    sessionName: need(input.RoleSessionName, "RoleSessionName"),
    ...present({
      durationSeconds: input.DurationSeconds,
      policy: input.Policy,
      policyArns: input.PolicyArns?.map(({ arn = "" }) => arn),
    }),
  };
}

export function assumedRoleUser(accountId: string, { roleName, roleId, sessionName }: SessionGrant): AssumedRoleUser {
  return { AssumedRoleId: `${roleId}:${sessionName}`, Arn: assumedRoleArn(accountId, roleName, sessionName) };
}

/** Percent of the room for session policies and tags that a session takes; absent when it takes none. AWS's packing is not published. */
function packedSize({ policies, policyArns, tags }: SessionGrant): number | undefined {
  const characters = [...policies, ...policyArns, ...Object.entries(tags).flat()].join("").length;
  return characters === 0 ? undefined : Math.min(100, Math.max(1, Math.round((characters / 2_048) * 100)));
}
