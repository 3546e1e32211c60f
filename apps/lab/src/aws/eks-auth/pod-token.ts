import { checkSignature, readToken, type IssuerKeys } from "../sts/index.ts";
import { RestError } from "../rest-json/index.ts";

/** The audience of tokens for EKS Pod Identity. */
export const POD_AUDIENCE = "pods.eks.amazonaws.com";

/** The pod a token was made for. */
export interface TokenPod {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * Reads the pod out of a projected service account token and believes it: signed by the cluster's issuer, for this service, not expired, bound to a
 * pod.
 * @throws {RestError} `InvalidTokenException`, `ExpiredTokenException`, `ServiceUnavailableException`
 */
export async function podOfToken(token: string, issuer: string, keys: IssuerKeys, nowMs: number): Promise<TokenPod> {
  const read = readToken(token);
  if (read === undefined) throw invalid("it is not a JWT of a service account");
  const { claims, payload } = read;
  if (claims.iss !== issuer) throw invalid(`its issuer is not the cluster's`);
  if (!claims.aud.includes(POD_AUDIENCE)) throw invalid(`its audience is not ${POD_AUDIENCE}`);
  const check = await checkSignature(keys, issuer, token);
  if (check === "issuer-unreachable") {
    throw new RestError("ServiceUnavailableException", "The cluster's signing keys cannot be read at the moment.", 503);
  }
  if (check === "does-not-hold") throw invalid("its signature is not the cluster's");
  if (claims.exp * 1000 <= nowMs) throw new RestError("ExpiredTokenException", "The token included in the request is expired.");
  if (claims.nbf !== undefined && claims.nbf * 1000 > nowMs) throw invalid("it is not valid yet");
  const pod = boundPod(claims.sub, payload["kubernetes.io"]);
  if (pod === undefined) throw invalid("it is not bound to a pod of a service account");
  return pod;
}

function boundPod(subject: string, bound: unknown): TokenPod | undefined {
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? [];
  const pod = isRecord(bound) ? bound["pod"] : undefined;
  if (namespace === undefined || serviceAccount === undefined || !isRecord(pod)) return undefined;
  const { name, uid } = pod;
  return typeof name === "string" && typeof uid === "string" ? { namespace, serviceAccount, name, uid } : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function invalid(why: string): RestError {
  return new RestError("InvalidTokenException", `The token included in the request is not valid: ${why}.`);
}
