import type { Env } from "./env-reader.ts";
import { nearestName } from "./nearest-name.ts";

/** A variable that looks like a setting and that the agent does not read. */
export interface UnreadVariable {
  readonly variable: string;
  readonly given: string;
  /** `upstream`: the VPC CNI reads it. `unknown`: nobody does. */
  readonly kind: "upstream" | "unknown";
  readonly why: string;
  /** The setting that was probably meant. */
  readonly meant?: string;
}

/** What the agent reads beside its settings: where it finds its host, AWS and Kubernetes. */
const READ_OUTSIDE: ReadonlySet<string> = new Set([
  "AWS_ACCESS_KEY_ID",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  "AWS_ENDPOINT_URL_STS",
  "AWS_REGION",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "CLUSTER_ENDPOINT",
  "HOST_CNI_BIN_PATH",
  "HOST_CNI_CONFDIR_PATH",
  "KUBERNETES_SERVICE_HOST",
  "KUBERNETES_SERVICE_PORT",
  "MY_POD_NAME",
  "SERVICE_ACCOUNT_DIR",
  "SLASH28_AGENT_SOCKET",
  "SLASH28_CNI_PLUGIN",
  "SLASH28_DATA_PLANE",
  // Put by a lab on what it starts.
  "SLASH28_LAB_RUN_DIR",
  "SLASH28_IPAMD_SOCKET",
  "VPC_CNI_VERSION",
]);

/** What the VPC CNI 1.23 reads and this agent does not. */
const UPSTREAM_ONLY: ReadonlySet<string> = new Set([
  "AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER",
  "AWS_VPC_K8S_EGRESS_V4_PLUGIN_LOG_FILE",
  "AWS_VPC_K8S_EGRESS_V6_PLUGIN_LOG_FILE",
  "ENABLE_NFTABLES",
  "ENABLE_V4_EGRESS",
]);

const LOOKS_LIKE_A_SETTING =
  /^(?:ADDITIONAL_ENI|ANNOTATE_POD|AWS_(?:VPC|MANAGE|EXTERNAL)_|CLUSTER_NAME|DISABLE_|ENABLE_|ENI_CONFIG|INTROSPECTION|IP_COOLDOWN|MANAGE_|MAX_ENI|MINIMUM_|NETWORK_POLICY|POD_(?:MTU|SECURITY)|SLASH28_|WARM_)/i;
/** What kubelet sets for every service of the namespace. */
const SERVICE_LINK = /_SERVICE_(?:HOST|PORT)|_PORT(?:_\d+_(?:TCP|UDP|SCTP))?(?:_(?:ADDR|PORT|PROTO))?$/;

/** Whether the agent reads it, though it is none of its settings: endpoints, credentials, paths. */
export function isReadOutsideSettings(variable: string): boolean {
  return READ_OUTSIDE.has(variable);
}

/** The variables of an environment that somebody may believe to have an effect; `settings` are those that have. */
export function unreadVariables(env: Env, settings: ReadonlySet<string>): readonly UnreadVariable[] {
  return Object.entries(env).flatMap(([variable, given]): readonly UnreadVariable[] => {
    if (given === undefined || given === "" || settings.has(variable) || isReadOutsideSettings(variable)) return [];
    if (UPSTREAM_ONLY.has(variable)) return [{ variable, given, kind: "upstream", why: "the VPC CNI reads it, this agent does not" }];
    if (SERVICE_LINK.test(variable)) return [];
    const meant = nearestName(variable, settings);
    if (meant === undefined && !LOOKS_LIKE_A_SETTING.test(variable)) return [];
    const why = meant === undefined ? "there is no such setting" : `there is no such setting; was ${meant} meant?`;
    return [{ variable, given, kind: "unknown", why, ...(meant === undefined ? {} : { meant }) }];
  });
}
