import { own, textOf, type Fields, type KubeObject } from "@slash28/kube-store";
import {
  ANNOTATION_PREFIX,
  POD_IDENTITY_TOKEN,
  SKIP_LABEL,
  WEB_IDENTITY_TOKEN,
  type IdentitySettings,
  type TokenPlace,
} from "./identity-settings.ts";

export interface PodIdentityFacts {
  readonly pod: KubeObject;
  /** Annotations of the pod's service account. */
  readonly accountAnnotations: Fields;
  /** Whether a pod identity association names the service account. */
  readonly isAssociated: boolean;
  /** Uniform in [0, 1): spreads the renewal of tokens that live for a day. */
  readonly draw: number;
}

/** What a pod is to get its credentials by. */
export interface PodIdentity {
  readonly kind: "pod-identity" | "irsa";
  readonly token: TokenPlace;
  readonly audience: string;
  readonly expirationSeconds: number;
  /** Variables that belong together: none is set where the container has one of them. The token file's is the second. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  readonly tokenVariable: string;
  readonly usesRegionalSts: boolean;
}

const DAY_SECONDS = 86_400;
/** Tokens of a day end somewhen in its last two hours, so that those of pods that began together do not. */
const SHORTEST_DAY_SECONDS = 79_200;
/** The least that Kubernetes gives. */
const EXPIRATION_MIN_SECONDS = 600;

/**
 * Which identity a new pod has: an association comes before the service account's annotation, and never are there both. `undefined` when it has none,
 * or does not want one.
 */
export function identityOfPod(facts: PodIdentityFacts, settings: IdentitySettings): PodIdentity | undefined {
  const { pod, accountAnnotations, isAssociated, draw } = facts;
  if (pod.metadata.labels !== undefined && Object.hasOwn(pod.metadata.labels, SKIP_LABEL)) return undefined;
  const noted = (name: string): string | undefined => textOf(own(accountAnnotations, `${ANNOTATION_PREFIX}${name}`));
  const seconds = expirationOf(pod, noted("token-expiration"));
  const usesRegionalSts = booleanOf(noted("sts-regional-endpoints")) ?? true;
  if (isAssociated) return byAssociation({ seconds, draw, usesRegionalSts }, settings);
  const roleArn = noted("role-arn");
  if (roleArn === undefined || roleArn === "") return undefined;
  const token = WEB_IDENTITY_TOKEN;
  return {
    kind: "irsa",
    token,
    audience: noted("audience") ?? "sts.amazonaws.com",
    expirationSeconds: seconds,
    variables: [
      ["AWS_ROLE_ARN", roleArn],
      ["AWS_WEB_IDENTITY_TOKEN_FILE", `${token.mountPath}/${token.file}`],
    ],
    tokenVariable: "AWS_WEB_IDENTITY_TOKEN_FILE",
    usesRegionalSts,
  };
}

interface AssociatedPod {
  readonly seconds: number;
  readonly draw: number;
  readonly usesRegionalSts: boolean;
}

function byAssociation({ seconds, draw, usesRegionalSts }: AssociatedPod, { isIpv6 }: IdentitySettings): PodIdentity {
  const token = POD_IDENTITY_TOKEN;
  const spread = SHORTEST_DAY_SECONDS + Math.floor(draw * (DAY_SECONDS - SHORTEST_DAY_SECONDS + 1));
  return {
    kind: "pod-identity",
    token,
    audience: "pods.eks.amazonaws.com",
    expirationSeconds: seconds === DAY_SECONDS ? spread : seconds,
    variables: [
      ["AWS_CONTAINER_CREDENTIALS_FULL_URI", `http://${isIpv6 ? "[fd00:ec2::23]" : "169.254.170.23"}/v1/credentials`],
      ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", `${token.mountPath}/${token.file}`],
    ],
    tokenVariable: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    usesRegionalSts,
  };
}

/** The pod's own word counts before its account's; a day unless one of them is a number. */
function expirationOf(pod: KubeObject, ofAccount: string | undefined): number {
  const ofPod = pod.metadata.annotations?.[`${ANNOTATION_PREFIX}token-expiration`];
  const asked = [ofPod, ofAccount].map((text) => (text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined));
  return Math.max(EXPIRATION_MIN_SECONDS, asked.find((seconds) => seconds !== undefined) ?? DAY_SECONDS);
}

/** A boolean as Go's `strconv.ParseBool` reads it. */
function booleanOf(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  return ["0", "f", "F", "FALSE", "false", "False"].includes(text) ? false : undefined;
}
