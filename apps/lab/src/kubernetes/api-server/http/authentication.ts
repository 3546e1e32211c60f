import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";

import type { Identity } from "../face.ts";

const BEARER = /^Bearer\s+(\S+)$/i;
const SOCKET_TOKEN = "base64url.bearer.authorization.k8s.io.";
const EVERYONE_KNOWN = "system:authenticated";

/** Who sent this request: by client certificate, or else by bearer token; `undefined` for neither. */
export async function identify(incoming: IncomingMessage, authenticate: Authenticate): Promise<Identity | undefined> {
  return byCertificate(incoming) ?? (await byToken(incoming, authenticate));
}

/** Who a bearer token belongs to; `undefined` for nobody. */
export type Authenticate = (token: string) => Promise<Identity | undefined>;

/** The user is the subject's CN, the groups its Os. Only certificates of the cluster's own authority count. */
function byCertificate({ socket }: IncomingMessage): Identity | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as unknown as
    | Readonly<Record<string, string | readonly string[] | undefined>>
    | undefined;
  const [name] = [subject?.["CN"] ?? []].flat();
  if (name === undefined) return undefined;
  return { name, groups: [...[subject?.["O"] ?? []].flat(), EVERYONE_KNOWN] };
}

async function byToken({ headers }: IncomingMessage, authenticate: Authenticate): Promise<Identity | undefined> {
  const token = BEARER.exec(headers.authorization ?? "")?.[1] ?? socketToken(headers["sec-websocket-protocol"]);
  return token === undefined ? undefined : authenticate(token);
}

/** Browsers cannot set headers on a WebSocket; there the token is one of the protocols asked for. */
function socketToken(protocols: string | undefined): string | undefined {
  const found = protocols
    ?.split(",")
    .map((one) => one.trim())
    .find((one) => one.startsWith(SOCKET_TOKEN));
  return found === undefined ? undefined : Buffer.from(found.slice(SOCKET_TOKEN.length), "base64url").toString();
}
