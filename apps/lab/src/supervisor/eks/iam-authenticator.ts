import { clusterUserOf, configMapUserOf, type ClusterRecord, type ClusterUser, type ConfigMapMapping } from "@slash28/eks";
import { RESOURCES } from "@slash28/kube";
import type { Clock, Kube, Log } from "@slash28/ports";
import { parse } from "yaml";
import { textOf } from "../failure-text.ts";
import type { Identity } from "../../kubernetes/api-server/index.ts";
import { isIamToken, isSignedFor, readIamToken } from "./iam-token.ts";

/** Who is behind an access key: what EKS asks STS. */
export interface IamCallers {
  /** As GetCallerIdentity names the caller; `undefined` for keys that are not known or no longer good. */
  arnOf(accessKeyId: string, sessionToken: string | undefined): string | undefined;
  /** The secret of keys the lab gave out; `undefined` for others, whose signatures then cannot be checked. */
  secretOf(accessKeyId: string): string | undefined;
}

export interface IamAuthenticatorOptions {
  readonly callers: IamCallers;
  readonly clusterOf: () => ClusterRecord | undefined;
  /** To read the ConfigMap `aws-auth`; absent before the API is there. */
  readonly kube: () => Pick<Kube, "get"> | undefined;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** Knows the holders of `aws eks get-token` tokens: by access entries, or by the ConfigMap `aws-auth`. */
export function createIamAuthenticator(options: IamAuthenticatorOptions): (bearer: string) => Promise<Identity | undefined> {
  const { callers, clusterOf, clock, log } = options;
  return async (bearer) => {
    const cluster = clusterOf();
    if (!isIamToken(bearer) || cluster === undefined) return undefined;
    const refuse = (why: string): undefined => {
      log.info("an IAM token is not taken", { cluster: cluster.name, why });
      return undefined;
    };
    const read = readIamToken(bearer, clock.now());
    if (!read.ok) return refuse(read.why);
    const { accessKeyId, sessionToken } = read.token;
    const secret = callers.secretOf(accessKeyId);
    if (secret !== undefined && !isSignedFor(read.token, cluster.name, secret)) {
      return refuse("its signature is not of this access key for this cluster");
    }
    const arn = callers.arnOf(accessKeyId, sessionToken);
    if (arn === undefined) return refuse("nobody has its access key");
    const user = clusterUserOf(cluster, arn) ?? configMapUserOf(cluster, await mappingsOf(options, cluster), arn);
    return user === undefined ? refuse(`${arn} is not let into the cluster`) : identityOf(user, { arn, accessKeyId });
  };
}

/** As EKS's API servers show it: `kubectl auth whoami`. */
function identityOf(
  { username, groups, principalArn, session }: ClusterUser,
  { arn, accessKeyId }: { readonly arn: string; readonly accessKeyId: string },
): Identity {
  return {
    name: username,
    uid: `aws-iam-authenticator:${principalArn}`,
    groups: [...groups, "system:authenticated"],
    extra: {
      accessKeyId: [accessKeyId],
      arn: [arn],
      canonicalArn: [principalArn],
      ...(session === undefined ? {} : { sessionName: [session] }),
    },
  };
}

async function mappingsOf({ kube, log }: IamAuthenticatorOptions, cluster: ClusterRecord): Promise<readonly ConfigMapMapping[]> {
  if (cluster.authenticationMode === "API") return [];
  const configMap = await kube()?.get(RESOURCES.configMaps, "aws-auth", "kube-system");
  const data = (configMap?.["data"] ?? {}) as Readonly<Record<string, string>>;
  try {
    return [...mappingsIn(data["mapRoles"], "rolearn"), ...mappingsIn(data["mapUsers"], "userarn")];
  } catch (cause) {
    log.warn("the ConfigMap aws-auth cannot be read", { detail: textOf(cause) });
    return [];
  }
}

function mappingsIn(text: string | undefined, arnField: string): readonly ConfigMapMapping[] {
  const list = parse(text ?? "") as unknown;
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    const { [arnField]: arn, username = "", groups = [] } = (one ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof arn !== "string") return [];
    return [{ arn, username: String(username), groups: Array.isArray(groups) ? groups.map(String) : [] }];
  });
}
