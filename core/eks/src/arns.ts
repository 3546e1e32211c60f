import type { EksPlace } from "./call.ts";

function eksArn({ region, accountId }: EksPlace, resource: string): string {
  return `arn:aws:eks:${region}:${accountId}:${resource}`;
}

export function clusterArn(place: EksPlace, name: string): string {
  return eksArn(place, `cluster/${name}`);
}

export function addonArn(place: EksPlace, cluster: string, addon: string, uuid: string): string {
  return eksArn(place, `addon/${cluster}/${addon}/${uuid}`);
}

export function associationArn(place: EksPlace, cluster: string, id: string): string {
  return eksArn(place, `podidentityassociation/${cluster}/${id}`);
}

export function identityProviderArn(place: EksPlace, cluster: string, name: string, uuid: string): string {
  return eksArn(place, `identityproviderconfig/${cluster}/oidc/${name}/${uuid}`);
}

/** IAM principals, as access entries may name them. A session of a role goes by its role. */
export interface Principal {
  readonly accountId: string;
  readonly kind: "user" | "role";
  /** Without its path. */
  readonly name: string;
}

const PRINCIPAL = /^arn:aws(?:-[a-z]+)*:iam::(\d{12}):(user|role)\/(?:[\w+=,.@-]+\/)*([\w+=,.@-]+)$/;

/** Reads `arn:aws:iam::…:user/…` or `…:role/…`; `undefined` for anything else. */
export function parsePrincipal(arn: string): Principal | undefined {
  const [, accountId, kind, name] = PRINCIPAL.exec(arn) ?? [];
  if (accountId === undefined || name === undefined || (kind !== "user" && kind !== "role")) return undefined;
  return { accountId, kind, name };
}

export function accessEntryArn(place: EksPlace, cluster: string, principal: Principal, uuid: string): string {
  return eksArn(place, `access-entry/${cluster}/${principal.kind}/${principal.accountId}/${principal.name}/${uuid}`);
}

const ASSUMED = /^arn:(aws(?:-[a-z]+)*):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/([\w+=,.@-]+)$/;

/** Who a caller is to access entries: the role behind a session, else the caller itself. `session` is the session's name. */
export function canonicalArn(callerArn: string): { readonly arn: string; readonly session?: string } {
  const [, partition, account, role, session] = ASSUMED.exec(callerArn) ?? [];
  if (role === undefined || session === undefined) return { arn: callerArn };
  return { arn: `arn:${partition}:iam::${account}:role/${role}`, session };
}
