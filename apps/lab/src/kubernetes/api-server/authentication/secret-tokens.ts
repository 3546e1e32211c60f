import { at, fieldsOf, textOf, type KubeObject, type Store } from "@slash28/kube-store";
import type { Log } from "@slash28/ports";

import type { ServiceAccountTokens } from "./service-account-tokens.ts";

const TYPE = "kubernetes.io/service-account-token";
const ACCOUNT_NAME = "kubernetes.io/service-account.name";
const ACCOUNT_UID = "kubernetes.io/service-account.uid";

/**
 * Fills Secrets of type `kubernetes.io/service-account-token` with a token that does not expire, the CA and the namespace, and takes
 * those away whose account is gone (Kubernetes docs, "Manually create a long-lived API token for a ServiceAccount").
 */
export function followSecretTokens(store: Store, tokens: ServiceAccountTokens, caPem: string, log: Log): void {
  const fill = (secret: KubeObject): void => {
    fillSecret(store, tokens, caPem, secret).catch((cause: unknown) =>
      log.error("a service account's Secret could not be filled", { secret: secret.metadata.name, detail: String(cause) }),
    );
  };
  store.onWrite(({ resource, before, after }) => {
    if (resource === "secrets" && after !== undefined && isEmptyToken(after)) fill(after);
    if (resource !== "serviceaccounts" || before === undefined || after !== undefined) return;
    const { name, namespace } = before.metadata;
    for (const secret of store.list("secrets", namespace)) {
      if (isTokenOf(secret, name)) store.remove("secrets", { name: secret.metadata.name, namespace });
    }
  });
  for (const secret of store.list("secrets")) if (isEmptyToken(secret)) fill(secret);
}

function isTokenOf(secret: KubeObject, account: string): boolean {
  return secret["type"] === TYPE && secret.metadata.annotations?.[ACCOUNT_NAME] === account;
}

function isEmptyToken(secret: KubeObject): boolean {
  return secret["type"] === TYPE && at(secret, "data", "token") === undefined;
}

async function fillSecret(store: Store, tokens: ServiceAccountTokens, caPem: string, { metadata }: KubeObject): Promise<void> {
  const { name, namespace = "" } = metadata;
  const accountName = textOf(metadata.annotations?.[ACCOUNT_NAME]) ?? "";
  const account = store.get("serviceaccounts", { name: accountName, namespace });
  if (account === undefined) return;
  const uid = account.metadata.uid ?? "";
  const token = await tokens.issueForSecret(namespace, { name: accountName, uid }, name);
  const secret = store.get("secrets", { name, namespace });
  if (secret === undefined || !isEmptyToken(secret)) return;
  const encode = (text: string): string => Buffer.from(text).toString("base64");
  const data = { ...fieldsOf(secret["data"]), "ca.crt": encode(caPem), namespace: encode(namespace), token: encode(token) };
  const annotations = { ...secret.metadata.annotations, [ACCOUNT_UID]: uid };
  store.replace("secrets", { ...secret, metadata: { ...secret.metadata, annotations }, data });
}
