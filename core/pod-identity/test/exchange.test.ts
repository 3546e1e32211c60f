import { describe, expect, test } from "vitest";
import { credentialsText, eksAuthEndpoint, readReply, type EksAuthReply } from "../src/index.ts";

const ANSWER = {
  subject: { namespace: "shop", serviceAccount: "web" },
  audience: "pods.eks.amazonaws.com",
  podIdentityAssociation: { associationArn: "arn:…", associationId: "a-1" },
  assumedRoleUser: { arn: "arn:aws:sts::111122223333:assumed-role/reader/eks-lab-web-1", assumeRoleId: "AROA1:eks-lab-web-1" },
  credentials: { sessionToken: "t", secretAccessKey: "s", accessKeyId: "ASIA1", expiration: 1_800_000_000 },
};
const reply = (more: Partial<EksAuthReply>): EksAuthReply => ({
  status: 200,
  requestId: "r-1",
  errorType: undefined,
  body: ANSWER,
  ...more,
});
const iso = (ms: number): string => new Date(ms).toISOString();

describe("credentials", () => {
  test("are written as SDKs read them", () => {
    const read = readReply(reply({}));
    expect(read.ok && credentialsText(read.credentials, iso)).toBe(
      '{"AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t","AccountId":"111122223333","Expiration":"2027-01-15T08:00:00Z"}',
    );
  });

  test("keep the fraction of their end", () => {
    const read = readReply(reply({ body: { ...ANSWER, credentials: { ...ANSWER.credentials, expiration: 1_800_000_000.25 } } }));
    expect(read.ok && credentialsText(read.credentials, iso)).toContain('"2027-01-15T08:00:00.25Z"');
  });

  test.each([
    ["no body", undefined],
    ["no credentials", { ...ANSWER, credentials: undefined }],
    ["no expiration", { ...ANSWER, credentials: { ...ANSWER.credentials, expiration: "soon" } }],
    ["no role", { ...ANSWER, assumedRoleUser: undefined }],
    ["an ARN that is none", { ...ANSWER, assumedRoleUser: { arn: "reader" } }],
  ])("%s is an answer nobody can use", (_, body) => {
    expect(readReply(reply({ body }))).toMatchObject({ ok: false, failure: { status: 500, isFinal: false } });
  });
});

describe("refusals", () => {
  test.each([
    ["AccessDeniedException", 400, true],
    ["ExpiredTokenException", 400, true],
    ["InvalidTokenException", 400, true],
    ["ResourceNotFoundException", 404, true],
    ["InvalidParameterException", 400, false],
    ["InvalidRequestException", 400, false],
    ["ThrottlingException", 429, false],
    ["InternalServerException", 500, false],
    ["ServiceUnavailableException", 503, false],
  ])("%s is passed on with its status %i; final: %s", (code, status, isFinal) => {
    const fault = status >= 500 ? "server" : "client";
    expect(readReply(reply({ status, errorType: `${code}:http://internal.amazon.com/`, body: { message: "why" } }))).toEqual({
      ok: false,
      failure: { status, code, isFinal, message: `[r-1]: (${code}): why, fault: ${fault}` },
    });
  });

  test("a proxy's page is a failure without a code", () => {
    expect(readReply(reply({ status: 502, body: "<html>" }))).toMatchObject({ failure: { status: 502, code: "Unknown", isFinal: false } });
  });
});

test.each([
  ["us-east-1", false, "https://eks-auth.us-east-1.api.aws"],
  ["us-gov-west-1", true, "https://eks-auth-fips.us-gov-west-1.api.aws"],
  ["cn-north-1", false, "https://eks-auth.cn-north-1.api.amazonwebservices.com.cn"],
])("EKS Auth of %s (FIPS: %s) is at %s", (region, isFips, url) => {
  expect(eksAuthEndpoint(region, { isFips })).toBe(url);
});
