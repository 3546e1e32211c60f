import { ok, refuse, type Result } from "../result.ts";
import type { Account, OidcProvider } from "./account.ts";
import { checkTags, unsatisfied, withTags } from "./check-input.ts";
import { edited, replaced, type Edit } from "./edit.ts";
import { IAM_QUOTAS } from "./quotas.ts";

export interface CreateOidcProviderInput {
  /** `https://host/path` */
  readonly url: string;
  readonly clientIds?: readonly string[];
  readonly thumbprints?: readonly string[];
  readonly tags?: readonly (readonly [string, string])[];
}

export function oidcProviderByArn(account: Account, arn: string): Result<OidcProvider> {
  const found = account.oidcProviders.find((provider) => provider.arn === arn);
  return found === undefined ? refuse("NoSuchEntity", `OpenIDConnect Provider not found for arn ${arn}`) : ok(found);
}

/** The provider whose URL is a token's issuer; a scheme does not count. */
export function oidcProviderOf(account: Account, issuer: string): OidcProvider | undefined {
  const url = withoutScheme(issuer);
  return account.oidcProviders.find((provider) => provider.url === url);
}

/** Thumbprints may be left out: IAM then trusts the issuer's certificate by its root. */
export function createOidcProvider(account: Account, input: CreateOidcProviderInput, now: number): Edit<OidcProvider> {
  const { clientIds = [], thumbprints = [], tags = [] } = input;
  if (!/^https:\/\/[^/?#\s]+(?:\/[^?#\s]*)?$/.test(input.url) || input.url.length > 255) {
    return refuse("ValidationError", "Invalid Open ID Connect Provider URL");
  }
  const wrong = checkClientIds(clientIds) ?? checkThumbprints(thumbprints) ?? checkTags(tags);
  if (wrong !== undefined) return { ok: false, error: wrong };
  const url = withoutScheme(input.url);
  const arn = `arn:aws:iam::${account.accountId}:oidc-provider/${url}`;
  if (account.oidcProviders.some((provider) => provider.arn === arn)) {
    return refuse("EntityAlreadyExists", `Provider with url ${input.url} already exists.`);
  }
  if (account.oidcProviders.length >= IAM_QUOTAS.oidcProviders) {
    return refuse("LimitExceeded", `Cannot exceed quota for OpenIdConnectProvidersPerAccount: ${IAM_QUOTAS.oidcProviders}`);
  }
  const provider = { arn, url, clientIds: [...new Set(clientIds)], thumbprints, createdAt: now, tags: withTags({}, tags) };
  return edited({ ...account, oidcProviders: [...account.oidcProviders, provider] }, provider);
}

/** Deleting one that is not there is no error, as in IAM. */
export function deleteOidcProvider(account: Account, arn: string): Edit<undefined> {
  return edited({ ...account, oidcProviders: account.oidcProviders.filter((provider) => provider.arn !== arn) }, undefined);
}

export function setThumbprints(account: Account, arn: string, thumbprints: readonly string[]): Edit<OidcProvider> {
  const wrong = checkThumbprints(thumbprints);
  return wrong === undefined ? changeProvider(account, arn, (provider) => ok({ ...provider, thumbprints })) : { ok: false, error: wrong };
}

export function addClientId(account: Account, arn: string, clientId: string): Edit<OidcProvider> {
  return changeProvider(account, arn, (provider) => {
    const clientIds = [...new Set([...provider.clientIds, clientId])];
    const wrong = checkClientIds(clientIds);
    return wrong === undefined ? ok({ ...provider, clientIds }) : { ok: false, error: wrong };
  });
}

export function removeClientId(account: Account, arn: string, clientId: string): Edit<OidcProvider> {
  return changeProvider(account, arn, (provider) => ok({ ...provider, clientIds: provider.clientIds.filter((id) => id !== clientId) }));
}

function changeProvider(account: Account, arn: string, change: (provider: OidcProvider) => Result<OidcProvider>): Edit<OidcProvider> {
  const found = oidcProviderByArn(account, arn);
  if (!found.ok) return found;
  const changed = change(found.value);
  if (!changed.ok) return changed;
  return edited({ ...account, oidcProviders: replaced(account.oidcProviders, found.value, changed.value) }, changed.value);
}

function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, "");
}

function checkClientIds(ids: readonly string[]): ReturnType<typeof unsatisfied> | undefined {
  const quota = IAM_QUOTAS.clientIdsPerOidcProvider;
  if (ids.length > quota) return { code: "LimitExceeded", message: `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${quota}` };
  const wrong = ids.find((id) => id.length < 1 || id.length > 255);
  return wrong === undefined ? undefined : unsatisfied(wrong, "clientIDList", "Member must have length between 1 and 255");
}

function checkThumbprints(thumbprints: readonly string[]): ReturnType<typeof unsatisfied> | undefined {
  if (thumbprints.length > IAM_QUOTAS.thumbprintsPerOidcProvider) {
    return { code: "InvalidInput", message: "Thumbprint list must contain fewer than 5 entries." };
  }
  const wrong = thumbprints.find((thumbprint) => !/^[0-9a-fA-F]{40}$/.test(thumbprint));
  return wrong === undefined ? undefined : unsatisfied(wrong, "thumbprintList", "Member must have length equal to 40");
}
