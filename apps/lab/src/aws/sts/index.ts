import type {
  DecodeAuthorizationMessageRequest,
  DecodeAuthorizationMessageResponse,
  GetAccessKeyInfoRequest,
  GetAccessKeyInfoResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from "@aws-sdk/client-sts";
import { need, read, type AnyAction } from "../action.ts";
import { AwsError } from "../aws-error.ts";
import { decodeAuthorizationMessage } from "../identity/index.ts";
import { formService, type FormService } from "../service.ts";
import { STS_SCHEMA } from "../wire/schema.ts";
import { assumeRole, assumeRoleWithWebIdentity, type StsPlace } from "./assume-role.ts";
import { wireCredentials } from "./credentials.ts";

export { createIssuerKeys, type IssuerDocuments, type IssuerKeys } from "./issuer-keys.ts";
export { checkSignature, readToken } from "./web-token.ts";
export type { StsPlace } from "./assume-role.ts";

/** Every STS action the lab has. */
export function stsActions(place: StsPlace): readonly AnyAction[] {
  return [
    getCallerIdentity(place),
    assumeRole(place),
    assumeRoleWithWebIdentity(place),
    getSessionToken(place),
    getAccessKeyInfo(place),
    decodeMessage,
  ];
}

/** STS over the lab's account. */
export function stsService(place: StsPlace): FormService {
  return formService("sts", STS_SCHEMA, stsActions(place));
}

function getCallerIdentity({ identities }: StsPlace): AnyAction {
  return read<GetCallerIdentityRequest, GetCallerIdentityResponse>("GetCallerIdentity", (_, { cloud, caller: scope }) => {
    const { arn, userId } = identities.callerOf(scope, "sts");
    return { Account: cloud.accountId, Arn: arn, UserId: userId };
  });
}

/** STS API reference, GetSessionToken. */
const SESSION_TOKEN_SECONDS = { min: 900, max: 129_600, default: 43_200 };

function getSessionToken({ identities }: StsPlace): AnyAction {
  return read<GetSessionTokenRequest, GetSessionTokenResponse>("GetSessionToken", ({ DurationSeconds }, { call, caller: scope }) => {
    const caller = identities.callerOf(scope, "sts");
    if (caller.holder?.kind !== "user") {
      throw new AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
    }
    const seconds = DurationSeconds ?? SESSION_TOKEN_SECONDS.default;
    if (!Number.isInteger(seconds) || seconds < SESSION_TOKEN_SECONDS.min || seconds > SESSION_TOKEN_SECONDS.max) {
      const rule = `Member must have value between ${SESSION_TOKEN_SECONDS.min} and ${SESSION_TOKEN_SECONDS.max}`;
      throw new AwsError(
        "ValidationError",
        `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: ${rule}`,
      );
    }
    const subject = { kind: "user" as const, userName: caller.holder.name, issuedAt: call.now, expiresAt: call.now + seconds * 1000 };
    return { Credentials: wireCredentials(identities.sessions.issue(subject, call.now)) };
  });
}

/** Every key belongs to the lab's one account. */
function getAccessKeyInfo({ identities }: StsPlace): AnyAction {
  return read<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse>("GetAccessKeyInfo", ({ AccessKeyId }) => {
    const key = need(AccessKeyId, "AccessKeyId");
    if (!/^\w{16,128}$/.test(key)) throw new AwsError("ValidationError", `The access key id ${key.slice(0, 140)} is not valid.`);
    return { Account: identities.account.read().accountId };
  });
}

const decodeMessage = read<DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse>(
  "DecodeAuthorizationMessage",
  ({ EncodedMessage }) => {
    const decoded = decodeAuthorizationMessage(need(EncodedMessage, "EncodedMessage"));
    if (decoded === undefined) throw new AwsError("InvalidAuthorizationMessageException", "Message is not valid");
    return { DecodedMessage: decoded };
  },
);
