import { at, fieldsOf, listOf, numberOf, textOf, type KubeObject } from "@slash28/kube-store";
import type { Log } from "@slash28/ports";
import type { webcrypto } from "node:crypto";

import { nodeNameOf } from "../authorization/node-authorizer.ts";
import { SIGNING_REQUESTS } from "../admission/stamp-signing-request.ts";
import type { Cluster } from "../operations/cluster.ts";
import { timeText } from "../time-text.ts";
import type { Authority } from "./authority.ts";
import { readSigningRequest, type SigningRequest } from "./read-signing-request.ts";

const LONGEST_SECONDS = 365 * 86_400;

interface Signer {
  readonly purpose: "client" | "server";
  /** Why a request is not one for this signer; `undefined` when it is. */
  readonly refuses: (request: SigningRequest) => string | undefined;
}

/** The signers of every cluster (Kubernetes docs, "Kubernetes signers"). */
const SIGNERS: Readonly<Record<string, Signer>> = {
  "kubernetes.io/kube-apiserver-client": { purpose: "client", refuses: () => undefined },
  "kubernetes.io/kube-apiserver-client-kubelet": {
    purpose: "client",
    refuses: (request) =>
      notOfNode(request) ?? (request.names.length > 0 || request.hasOtherNames ? "no alternative names are allowed" : undefined),
  },
  "kubernetes.io/kubelet-serving": {
    purpose: "server",
    refuses: (request) => notOfNode(request) ?? (request.names.length === 0 ? "at least one DNS name or address is required" : undefined),
  },
};

function notOfNode({ user, groups }: SigningRequest): string | undefined {
  const node = nodeNameOf({ name: user, groups }) ?? "";
  return node !== "" && groups.length === 1 ? undefined : "the subject must be CN=system:node:<name>, O=system:nodes";
}

/** Signs CertificateSigningRequests as soon as they are approved, as the controllers for Kubernetes' own signers do. */
export function followSigningRequests(cluster: Cluster, authority: Authority, log: Log): void {
  const sign = (request: KubeObject): void => {
    signOne(cluster, authority, request).catch((cause: unknown) =>
      log.error("a certificate could not be signed", { request: request.metadata.name, detail: String(cause) }),
    );
  };
  cluster.store.onWrite(({ resource, after }) => {
    if (resource === SIGNING_REQUESTS && after !== undefined && isDue(after)) sign(after);
  });
  for (const request of cluster.store.list(SIGNING_REQUESTS)) if (isDue(request)) sign(request);
}

function hasCondition(request: KubeObject, type: string): boolean {
  return listOf(at(request, "status", "conditions")).some((condition) => at(condition, "type") === type);
}

function isDue(request: KubeObject): boolean {
  const isKnown = Object.hasOwn(SIGNERS, textOf(at(request, "spec", "signerName")) ?? "");
  return (
    isKnown &&
    at(request, "status", "certificate") === undefined &&
    hasCondition(request, "Approved") &&
    !["Denied", "Failed"].some((type) => hasCondition(request, type))
  );
}

async function signOne(cluster: Cluster, authority: Authority, { metadata, spec }: KubeObject): Promise<void> {
  const signer = SIGNERS[textOf(at(spec, "signerName")) ?? ""];
  const read = readSigningRequest(textOf(at(spec, "request")) ?? "");
  if (signer === undefined || read === undefined) return;
  const isGenuine = await read.request.verify().catch(() => false);
  const why = isGenuine ? signer.refuses(read) : "the request is not signed with the key it is for";
  const now = cluster.now();
  const seconds = Math.min(numberOf(at(spec, "expirationSeconds")) ?? LONGEST_SECONDS, LONGEST_SECONDS);
  const order = {
    subject: read.subject,
    publicKey: (await read.request.publicKey.export()) as webcrypto.CryptoKey,
    purpose: signer.purpose,
    names: read.names,
    from: now,
    until: now + seconds * 1000,
  };
  const outcome = why === undefined ? { certificate: Buffer.from(await authority.certify(order)).toString("base64") } : { failed: why };
  const request = cluster.store.get(SIGNING_REQUESTS, metadata);
  if (request === undefined || request.metadata.uid !== metadata.uid || !isDue(request)) return;
  cluster.store.replace(SIGNING_REQUESTS, { ...request, status: statusWith(request, outcome, timeText(now)) });
}

function statusWith(request: KubeObject, outcome: { readonly certificate: string } | { readonly failed: string }, time: string): object {
  const status = fieldsOf(request["status"]);
  if ("certificate" in outcome) return { ...status, certificate: outcome.certificate };
  const failed = {
    type: "Failed",
    status: "True",
    reason: "SignerValidationFailure",
    message: outcome.failed,
    lastUpdateTime: time,
    lastTransitionTime: time,
  };
  return { ...status, conditions: [...listOf(status["conditions"]), failed] };
}
