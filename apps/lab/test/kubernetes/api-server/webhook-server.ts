import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Authority } from "../../../src/kubernetes/api-server/certificates/authority.ts";

export interface Review {
  readonly request: {
    readonly uid: string;
    readonly operation: string;
    readonly name?: string;
    readonly namespace?: string;
    readonly subResource?: string;
    readonly dryRun: boolean;
    readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
    readonly requestKind: { readonly group: string; readonly version: string; readonly kind: string };
    readonly userInfo: { readonly username: string; readonly groups: readonly string[] };
    readonly object: Record<string, unknown> | null;
    readonly oldObject: Record<string, unknown> | null;
  };
}

export type Answer = (review: Review, outgoing: ServerResponse) => object | undefined | Promise<object | undefined>;

export interface WebhookServer {
  readonly port: number;
  readonly seen: readonly { readonly path: string; readonly review: Review }[];
  /** Empties `seen`. */
  forget(): void;
  /** What the next calls are answered, by path without query; `undefined` from the function: it answered by itself. */
  answer(path: string, how: Answer): void;
  close(): Promise<void>;
}

/** A webhook over TLS on loopback that speaks for a service's name. */
export async function startWebhookServer(authority: Authority, names: readonly string[]): Promise<WebhookServer> {
  const { certPem, keyPem } = await authority.issueServer(names);
  const seen: { path: string; review: Review }[] = [];
  const answers = new Map<string, Answer>();
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const review = JSON.parse(Buffer.concat(chunks).toString()) as Review;
    const path = (incoming.url ?? "").split("?")[0] ?? "";
    seen.push({ path: incoming.url ?? "", review });
    const response = await answers.get(path)?.(review, outgoing);
    if (response === undefined) return;
    const body = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: review.request.uid, ...response } };
    outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const server = createServer({ cert: certPem, key: keyPem }, (incoming, outgoing) => void serve(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    forget: () => void (seen.length = 0),
    answer: (path, how) => void answers.set(path, how),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function patchOf(operations: readonly object[]): object {
  return { allowed: true, patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(operations)).toString("base64") };
}
