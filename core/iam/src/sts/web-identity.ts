import { oidcProviderOf } from "../account/oidc-providers.ts";
import { readRoleArn } from "../account/arn.ts";
import type { Account, OidcProvider } from "../account/account.ts";
import { contextOf } from "../policy/request.ts";
import { evaluateTrust } from "../policy/trust.ts";
import { ok, refuse, type Millis, type Result } from "../result.ts";
import { checkRoleArn, grant, roleByArn, trustOf } from "./assume-role.ts";
import { checkDuration, checkSessionName, checkSessionPolicies, type SessionRequest } from "./session-input.ts";
import type { SessionGrant } from "./session.ts";

export interface WebIdentityRequest extends SessionRequest {
  readonly roleArn: string;
}

/** The claims of a token, read but not believed until its signature has been checked. */
export interface WebIdentityClaims {
  readonly iss: string;
  readonly sub: string;
  /** One or several. */
  readonly aud: readonly string[];
  readonly azp?: string;
  readonly exp: number;
  readonly nbf?: number;
}

/** What can be said before the token's signature is checked: the parameters, and whose keys to check it with. */
export function providerForToken(account: Account, request: WebIdentityRequest, claims: WebIdentityClaims): Result<OidcProvider> {
  const wrong = checkRoleArn(request.roleArn) ?? checkSessionName(request.sessionName) ?? checkSessionPolicies(account, request);
  if (wrong !== undefined) return { ok: false, error: wrong };
  const provider = readRoleArn(request.roleArn)?.accountId === account.accountId ? oidcProviderOf(account, claims.iss) : undefined;
  if (provider === undefined) {
    return refuse("InvalidIdentityToken", `No OpenIDConnect provider found in your account for ${claims.iss}`);
  }
  return ok(provider);
}

/** Whether a token whose signature holds gets a session of the role (IAM user guide, "Available keys for AWS OIDC federation"). */
export function decideWebIdentity(
  account: Account,
  request: WebIdentityRequest,
  { provider, claims }: { readonly provider: OidcProvider; readonly claims: WebIdentityClaims },
  now: Millis,
): Result<SessionGrant> {
  const seconds = Math.floor(now / 1000);
  if (claims.exp <= seconds) {
    const message = `Token expired: current date/time ${seconds} must be before the expiration date/time ${claims.exp}`;
    return refuse("ExpiredTokenException", message);
  }
  if (claims.nbf !== undefined && claims.nbf > seconds) return refuse("InvalidIdentityToken", "The ID Token provided is not valid yet.");
  const audience = claims.aud.find((name) => provider.clientIds.includes(name));
  if (audience === undefined) return refuse("InvalidIdentityToken", "Incorrect token audience");
  const role = roleByArn(account, request.roleArn);
  const context = contextOf([
    [`${provider.url}:aud`, claims.azp ?? claims.aud],
    [`${provider.url}:sub`, claims.sub],
    [`${provider.url}:amr`, undefined],
    ["sts:RoleSessionName", request.sessionName],
    ["aws:FederatedProvider", provider.arn],
  ]);
  const party = { kind: "Federated" as const, names: [provider.arn] };
  const trust = role === undefined ? "not-trusted" : evaluateTrust(trustOf(role), party, "sts:AssumeRoleWithWebIdentity", context);
  if (role === undefined || trust !== "trusted") {
    return refuse("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
  }
  const lasts = request.durationSeconds ?? 3_600;
  const tooLong = checkDuration(lasts, role.sessionSecondsMax, false);
  if (tooLong !== undefined) return { ok: false, error: tooLong };
  const federated = { provider: provider.arn, subject: claims.sub, audience };
  return ok(grant(role, request, { tags: {}, transitiveKeys: [], federated }, { now, seconds: lasts }));
}
