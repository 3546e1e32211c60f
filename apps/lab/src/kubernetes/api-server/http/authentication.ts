import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";

import type { TokenVerdict } from "../authentication/service-account-tokens.ts";
import { EVERYONE_KNOWN } from "../authentication/well-known-identities.ts";
import type { Identity } from "../face.ts";

const BEARER = /^Bearer\s+(\S+)$/i;
const SOCKET_TOKEN = "base64url.bearer.authorization.k8s.io.";

/** Who sent a request: somebody; nobody who showed anything; or somebody whose credentials are no good. */
export type Sender =
  | { readonly kind: "known"; readonly identity: Identity }
  | { readonly kind: "anonymous" }
  | { readonly kind: "refused"; readonly why: string };

/** Who a bearer token belongs to. */
export type ReviewToken = (token: string) => Promise<TokenVerdict>;

/** Who sent this request: by client certificate, or else by bearer token. */
export async function identify(incoming: IncomingMessage, review: ReviewToken): Promise<Sender> {
  const identity = byCertificate(incoming);
  if (identity !== undefined) return { kind: "known", identity };
  const token = tokenOf(incoming);
  if (token === undefined) return certificateFault(incoming) ?? { kind: "anonymous" };
  const verdict = await review(token);
  return verdict.ok ? { kind: "known", identity: verdict.identity } : { kind: "refused", why: verdict.why };
}

/** Why the certificate that was shown is no good; `undefined` when none was. */
function certificateFault({ socket }: IncomingMessage): Sender | undefined {
  if (!(socket instanceof TLSSocket) || socket.authorized || Object.keys(socket.getPeerCertificate()).length === 0) return undefined;
  const code = String(socket.authorizationError);
  const why =
    code === "CERT_HAS_EXPIRED"
      ? "the client certificate has expired"
      : `the client certificate is none of this cluster's authority (${code})`;
  return { kind: "refused", why };
}

/** A certificate is shown once for a connection, and reading it is dear. */
const shown = new WeakMap<TLSSocket, { readonly identity: Identity | undefined }>();

function byCertificate({ socket }: IncomingMessage): Identity | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const known = shown.get(socket) ?? { identity: identityIn(socket) };
  shown.set(socket, known);
  return known.identity;
}

/** The user is the subject's CN, the groups its Os. Only certificates of the cluster's own authority count. */
function identityIn(socket: TLSSocket): Identity | undefined {
  const subject = socket.getPeerCertificate().subject as unknown as
    | Readonly<Record<string, string | readonly string[] | undefined>>
    | undefined;
  const [name] = [subject?.["CN"] ?? []].flat();
  if (name === undefined) return undefined;
  return { name, groups: [...[subject?.["O"] ?? []].flat(), EVERYONE_KNOWN] };
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  return BEARER.exec(headers.authorization ?? "")?.[1] ?? socketToken(headers["sec-websocket-protocol"]);
}

/** Browsers cannot set headers on a WebSocket; there the token is one of the protocols asked for. */
function socketToken(protocols: string | undefined): string | undefined {
  const found = protocols
    ?.split(",")
    .map((one) => one.trim())
    .find((one) => one.startsWith(SOCKET_TOKEN));
  return found === undefined ? undefined : Buffer.from(found.slice(SOCKET_TOKEN.length), "base64url").toString();
}
