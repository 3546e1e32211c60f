export const NOW_MS = 1_800_000_000_000;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A service account's token of a pod, good for an hour; its signature is none. */
export function aToken(claims: object = {}, header: object = { alg: "RS256", kid: "k" }): string {
  const now = NOW_MS / 1_000;
  const bound = {
    "kubernetes.io": { namespace: "shop", pod: { name: "web", uid: "uid-1" }, serviceaccount: { name: "web", uid: "uid-2" } },
  };
  const payload = {
    iss: "https://issuer",
    sub: "system:serviceaccount:shop:web",
    aud: ["pods.eks.amazonaws.com"],
    iat: now,
    nbf: now,
    exp: now + 3_600,
    ...bound,
    ...claims,
  };
  return [encode(header), encode(payload), "c2ln"].join(".");
}

export function decode(part: string): string {
  return Buffer.from(part, "base64url").toString("utf8");
}
