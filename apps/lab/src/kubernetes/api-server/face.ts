import type { Socket } from "node:net";

import type { JWK } from "jose";

import type { CidrRange, Ipv4, Ipv6 } from "@slash28/address";
import type { SavedStore, StoreWrite } from "@slash28/kube-store";
import type { Clock, Kube, Log } from "@slash28/ports";

import type { KeptDocument } from "../../state/index.ts";
import type { PodRuntime } from "../pod-runtime.ts";
import type { PodIdentitySource } from "./admission/give-identity.ts";
import type { ClusterKeys } from "./authentication/cluster-keys.ts";

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The kubelet that runs a node's pods; `undefined` while the node has none. */
  readonly runtimeFor: (nodeName: string) => PodRuntime | undefined;
  /** Where cluster IPs come from. Its family is that of all services; the first address is the API's own. */
  readonly serviceRange: CidrRange;
  /** DNS names and addresses the serving certificate speaks for, besides the names every cluster has and loopback. */
  readonly names?: readonly string[];
  /** What the `kubernetes` service in `default` leads to. Without it the service has no endpoints. */
  readonly advertise?: { readonly address: Ipv4 | Ipv6; readonly port: number };
  /** Issuer of service account tokens, a URL; `https://kubernetes.default.svc` unless told. */
  readonly issuer?: string;
  /** Where the OIDC discovery document says the public keys are, a URL; `<issuer>/openid/v1/jwks` unless told. */
  readonly keySetUrl?: string;
  /** The cluster's authority and signing keys, kept over restarts. Absent: new ones each time. */
  readonly keys?: KeptDocument<ClusterKeys> | undefined;
  /** Fresh unique ids for objects; random UUIDs unless told. */
  readonly newUid?: () => string;
  /** Changes kept per resource for watches to resume from; 4096 unless told. */
  readonly historyMax?: number;
  /** The cluster that an earlier server left behind; absent: a new one. */
  readonly saved?: SavedStore | undefined;
  /** Told of every write after it is done and before anybody gets an answer for it. */
  readonly onWrite?: ((write: StoreWrite) => void) | undefined;
  /**
   * Opens a connection to a pod, for webhooks behind services; by this process's own network unless told. A failure shows as the
   * socket's error.
   */
  readonly dialPod?: ((endpoint: PodEndpoint) => Socket) | undefined;
  /**
   * Knows the bearer tokens that are none of the cluster's own service accounts: `k8s-aws-v1.` tokens of IAM, for one. Asked last;
   * `undefined` for a token it does not know either, which then is a 401.
   */
  readonly identifyToken?: (token: string) => Promise<Identity | undefined>;
  /** What EKS knows of its pods' AWS identities. Absent: new pods get none. */
  readonly podIdentity?: PodIdentitySource | undefined;
}

/** A pod that a service leads to. */
export interface PodEndpoint {
  readonly address: string;
  readonly port: number;
  /** The node it runs on, where known. */
  readonly nodeName: string | undefined;
}

/** Where to accept connections: an address and port (0 picks one), or a listening socket opened elsewhere, such as in a namespace. */
export type ListenTarget = { readonly host: string; readonly port: number } | { readonly fd: number };

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** `https://host:port`. */
  readonly url: string;
  /** Stops accepting there and drops its connections. */
  close(): Promise<void>;
}

/** Who makes a request. */
export interface Identity {
  readonly name: string;
  /** Absent for a caller that was never an object, such as the holder of a certificate. */
  readonly uid?: string;
  /** `system:authenticated` among them for everyone who showed credentials. */
  readonly groups: readonly string[];
  /** What else is known: the pod of a token, the ARN behind an IAM identity. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

export interface TokenRequest {
  readonly audiences?: readonly string[];
  /** Seconds the token is good for; 3600 unless told, at least 600, cut at 86400. */
  readonly expirationSeconds?: number;
  /** The pod the token is mounted in. */
  readonly pod?: { readonly name: string; readonly uid: string };
}

export interface IssuedToken {
  readonly token: string;
  /** RFC 3339. */
  readonly expirationTimestamp: string;
}

export interface ApiServer {
  /** The same API without a connection, as the server itself uses it; objects it gives are frozen and shared. */
  readonly kube: Kube;
  /** As {@link kube} for another program of this process, which `metadata.managedFields` calls `client`: `kube-scheduler`. */
  kubeOf(client: string): Kube;
  /** Certificate of the authority behind the serving and client certificates, PEM. */
  readonly caPem: string;
  /** Answers one request of an already known caller; `undefined` is a caller without credentials. Exec needs {@link listen}. */
  handle(request: Request, identity: Identity | undefined): Promise<Response>;
  listen(target: ListenTarget): Promise<Listening>;
  /** kubeconfig text for an administrator who reaches the server at `server`, a URL. */
  kubeconfig(server: string, contextName?: string): string;
  /** A bearer token that acts as this service account (a signed JWT, checked by {@link authenticate}). */
  issueToken(account: ServiceAccountName, request?: TokenRequest): Promise<IssuedToken>;
  /** Who a bearer token belongs to; `undefined` when it is unknown or expired. */
  authenticate(bearerToken: string): Promise<Identity | undefined>;
  /** The public keys of service account tokens, as `/openid/v1/jwks` shows them (RFC 7517): for whoever checks tokens in this process. */
  keySet(): Promise<{ readonly keys: readonly JWK[] }>;
  /** Has service account tokens signed with a fresh key from now on; those of the key before stay good until they expire. */
  rotateSigningKey(): Promise<void>;
  /** Ends watches, log streams and listeners. */
  close(): Promise<void>;
}
