import type { Clock } from "@slash28/ports";

/** How a client proves who it is. A token file is read again as it rotates; a failed read is reported as `KUBE_UNREACHABLE`. */
export type KubeCredentials =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "token-file"; readonly read: () => Promise<string> }
  | { readonly kind: "certificate"; readonly certificate: string; readonly key: string };

/** One API server and how to talk to it. */
export interface KubeConnection {
  /** `https://host:port`, without a path. */
  readonly server: string;
  /** PEM certificates to trust; absent: the system's. */
  readonly ca?: string;
  /** Accept any server certificate; only what a kubeconfig asks for in so many words. */
  readonly skipTlsVerify?: boolean;
  readonly credentials: KubeCredentials;
  readonly userAgent?: string;
  readonly clock: Clock;
  /** How long one call (not a watch) may take. Default 30 s. */
  readonly timeoutMs?: number;
}
