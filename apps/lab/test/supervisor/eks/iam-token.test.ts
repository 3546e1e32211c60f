import { AwsV4Signer } from "aws4fetch";
import { describe, expect, test } from "vitest";
import { isIamToken, isSignedFor, readIamToken } from "../../../src/supervisor/eks/iam-token.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const SIGNED = "20260102T030405Z";

interface Wish {
  readonly cluster?: string;
  readonly url?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A token as `aws eks get-token` makes it. */
async function tokenFor({ cluster = "one", url, secret = "secret", headers }: Wish = {}): Promise<string> {
  const signer = new AwsV4Signer({
    url: url ?? "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60",
    headers: headers ?? { "x-k8s-aws-id": cluster },
    accessKeyId: "AKIDONE",
    secretAccessKey: secret,
    sessionToken: "a/token+with=signs",
    service: "sts",
    region: "us-east-1",
    datetime: SIGNED,
    signQuery: true,
    allHeaders: true,
  });
  const { url: signed } = await signer.sign();
  return `k8s-aws-v1.${Buffer.from(signed.toString()).toString("base64url")}`;
}

const why = (bearer: string, now = NOW): string => {
  const read = readIamToken(bearer, now);
  return read.ok ? "taken" : read.why;
};

test("a token tells the access key and the session token, and its signature holds for its cluster and secret alone", async () => {
  const read = readIamToken(await tokenFor(), NOW);
  if (!read.ok) throw new Error(read.why);
  expect([read.token.accessKeyId, read.token.sessionToken]).toEqual(["AKIDONE", "a/token+with=signs"]);
  expect([
    isSignedFor(read.token, "one", "secret"),
    isSignedFor(read.token, "two", "secret"),
    isSignedFor(read.token, "one", "other"),
  ]).toEqual([true, false, false]);
});

test("a token is good for fifteen minutes", async () => {
  const token = await tokenFor();
  expect([why(token, NOW + 15 * 60_000 - 1), why(token, NOW + 15 * 60_000)]).toEqual(["taken", "it has expired"]);
});

describe("refused", () => {
  const sts = "https://sts.us-east-1.amazonaws.com";
  test.each<[string, Wish, string]>([
    ["another host", { url: "https://evil.example.com/?Action=GetCallerIdentity&X-Amz-Expires=60" }, "evil.example.com is not STS"],
    [
      "a host that only ends like STS",
      { url: "https://sts.amazonaws.com.evil.com/?Action=GetCallerIdentity&X-Amz-Expires=60" },
      "sts.amazonaws.com.evil.com is not STS",
    ],
    [
      "STS without encryption",
      { url: "http://sts.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Expires=60" },
      "sts.amazonaws.com is not STS",
    ],
    ["another action", { url: `${sts}/?Action=AssumeRole&X-Amz-Expires=60` }, "it is not a request for GetCallerIdentity"],
    ["another path", { url: `${sts}/x?Action=GetCallerIdentity&X-Amz-Expires=60` }, "its path is not /"],
    [
      "more parameters",
      { url: `${sts}/?Action=GetCallerIdentity&RoleArn=x&X-Amz-Expires=60` },
      "it has a parameter that does not belong there: RoleArn",
    ],
    ["no cluster among the signed headers", { headers: { "x-other": "one" } }, "x-k8s-aws-id is not among the signed headers"],
    ["too long a life", { url: `${sts}/?Action=GetCallerIdentity&X-Amz-Expires=901` }, "X-Amz-Expires must be from 0 to 900"],
  ])("%s", async (_, wish, message) => {
    expect(why(await tokenFor(wish))).toBe(message);
  });

  test("no token at all", () => {
    expect(isIamToken("eyJhbGciOi")).toBe(false);
    expect(why("k8s-aws-v1.bm90IGEgdXJs")).toBe("it holds no URL");
    expect(why(`k8s-aws-v1.${"a".repeat(9_000)}`)).toBe("it is too long");
  });

  test("the lab's own endpoint on loopback is STS, too", async () => {
    expect(why(await tokenFor({ url: "http://127.0.0.1:4566/?Action=GetCallerIdentity&X-Amz-Expires=60" }))).toBe("taken");
  });
});
