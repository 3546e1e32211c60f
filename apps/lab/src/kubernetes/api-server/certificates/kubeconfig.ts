import { stringify } from "yaml";

import type { KeyPair } from "./authority.ts";

export interface KubeconfigParts {
  readonly server: string;
  readonly caPem: string;
  readonly client: KeyPair;
  readonly contextName: string;
}

/** kubeconfig text with everything inside: no file beside it is needed. */
export function kubeconfigText({ server, caPem, client, contextName }: KubeconfigParts): string {
  const inline = (pem: string): string => Buffer.from(pem).toString("base64");
  const user = `${contextName}-admin`;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": contextName,
    clusters: [{ name: contextName, cluster: { server, "certificate-authority-data": inline(caPem) } }],
    contexts: [{ name: contextName, context: { cluster: contextName, user } }],
    users: [{ name: user, user: { "client-certificate-data": inline(client.certPem), "client-key-data": inline(client.keyPem) } }],
    preferences: {},
  };
  return stringify(config, { lineWidth: 0 });
}
