import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateAccessKeyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { DescribeSubnetsCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  type AssumeRoleCommandInput,
  type Credentials as WireCredentials,
} from "@aws-sdk/client-sts";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { START_MS } from "../lab-cloud.ts";
import { allowing, anIdentityLab, refusalOf, trusting, type Credentials, type IdentityLab } from "./an-identity-lab.ts";
import { anIssuer, ISSUER, type Issuer } from "./an-issuer.ts";

const ACCOUNT = "123456789012";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`;
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER.slice("https://".length)}`;

let at: IdentityLab;
let issuer: Issuer;
beforeEach(async () => {
  issuer = await anIssuer(() => at.clock.now());
  at = await anIdentityLab({ issuerDocuments: { read: (url) => issuer.documents.read(url) } });
});
afterEach(() => at.close());

function as({ AccessKeyId = "", SecretAccessKey = "", SessionToken = "" }: Partial<WireCredentials> = {}): Credentials {
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

async function aRole(trust: string, policy = allowing("ec2:Describe*"), name = "app"): Promise<void> {
  await at.iam().send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust, MaxSessionDuration: 7200 }));
  await at.iam().send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "own", PolicyDocument: policy }));
}

const assume = (input: Partial<AssumeRoleCommandInput> = {}, who?: Credentials) =>
  at.sts(who).send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: "one", ...input }));

describe("AssumeRole", () => {
  test("gives a session that is its own caller, may what its role may, and expires", async () => {
    await aRole(trusting({ AWS: ACCOUNT }));
    const { Credentials: given, AssumedRoleUser } = await assume({ DurationSeconds: 900 });
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/app/one`);
    expect(AssumedRoleUser?.AssumedRoleId).toMatch(/^AROA[A-Z2-7]{17}:one$/);
    expect(given?.Expiration).toEqual(new Date(START_MS + 900_000));
    const session = as(given);
    expect((await at.sts(session).send(new GetCallerIdentityCommand({}))).Arn).toBe(AssumedRoleUser?.Arn);
    await at.ec2(session).send(new DescribeSubnetsCommand({}));
    expect((await refusalOf(at.iam(session).send(new CreateUserCommand({ UserName: "x" })))).name).toBe("AccessDenied");
    expect((await refusalOf(at.ec2({ ...session, sessionToken: "other" }).send(new DescribeSubnetsCommand({})))).name).toBe("AuthFailure");
    await at.clock.advance(900_000);
    expect((await refusalOf(at.ec2(session).send(new DescribeSubnetsCommand({})))).name).toBe("RequestExpired");
    expect((await refusalOf(at.sts(session).send(new GetCallerIdentityCommand({})))).name).toBe("ExpiredToken");
  });

  test("asks both the trust policy and, where that trusts the account, the caller's own", async () => {
    await aRole(trusting({ AWS: ACCOUNT }));
    const iam = at.iam();
    await iam.send(new CreateUserCommand({ UserName: "ops" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ops" }));
    const ops = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
    const refused = await refusalOf(assume({}, ops));
    expect(refused).toMatchObject({ name: "AccessDenied", status: 403 });
    expect(refused.message).toBe(
      `User: arn:aws:iam::${ACCOUNT}:user/ops is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
    );
    await iam.send(new PutUserPolicyCommand({ UserName: "ops", PolicyName: "assume", PolicyDocument: allowing("sts:AssumeRole", ROLE) }));
    await assume({}, ops);
    const unknown = `arn:aws:iam::${ACCOUNT}:role/nobody`;
    expect((await refusalOf(assume({ RoleArn: unknown }))).name).toBe("AccessDenied");
  });

  test("says which of the caller's policies is in the way", async () => {
    await aRole(trusting({ AWS: ACCOUNT }));
    const iam = at.iam();
    const boundary = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy";
    await iam.send(new CreateUserCommand({ UserName: "ops", PermissionsBoundary: boundary }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ops" }));
    const ops = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
    const why = async (): Promise<string | undefined> => (await refusalOf(assume({}, ops))).message.split(ROLE)[1]?.trim();
    expect(await why()).toBe("because no permissions boundary allows the sts:AssumeRole action");
    const document = allowing("sts:AssumeRole").replace("Allow", "Deny");
    await iam.send(new PutUserPolicyCommand({ UserName: "ops", PolicyName: "never", PolicyDocument: document }));
    expect(await why()).toBe("with an explicit deny in an identity-based policy");
  });

  test("needs the external id the trust policy asks for", async () => {
    await aRole(trusting({ AWS: ACCOUNT }, { Condition: { StringEquals: { "sts:ExternalId": "42" } } }));
    expect((await refusalOf(assume())).name).toBe("AccessDenied");
    await assume({ ExternalId: "42" });
  });

  test("is bounded by session policies and by how long a session may last", async () => {
    await aRole(trusting({ AWS: ACCOUNT }));
    expect((await refusalOf(assume({ DurationSeconds: 7201 }))).message).toContain("MaxSessionDuration");
    expect((await refusalOf(assume({ DurationSeconds: 60 }))).name).toBe("ValidationError");
    const bounded = as((await assume({ Policy: allowing("ec2:DescribeVpcs") })).Credentials);
    await at.ec2(bounded).send(new DescribeVpcsCommand({}));
    expect((await refusalOf(at.ec2(bounded).send(new DescribeSubnetsCommand({})))).message).toContain("no session policy allows");
  });

  test("passes transitive tags on along a chain, which lasts an hour at most", async () => {
    await aRole(
      trusting({ AWS: ACCOUNT }, { Action: ["sts:AssumeRole", "sts:TagSession"] }),
      allowing(["sts:AssumeRole", "sts:TagSession"]),
    );
    const second = trusting(
      { AWS: ROLE },
      { Action: ["sts:AssumeRole", "sts:TagSession"], Condition: { StringEquals: { "aws:RequestTag/team": "web" } } },
    );
    await aRole(second, allowing("ec2:Describe*", "*", { Condition: { StringEquals: { "aws:PrincipalTag/team": "web" } } }), "second");
    const Tags = [{ Key: "team", Value: "web" }];
    const untagged = as((await assume()).Credentials);
    const next = { RoleArn: `arn:aws:iam::${ACCOUNT}:role/second` };
    expect((await refusalOf(assume(next, untagged))).name).toBe("AccessDenied");
    const tagged = as((await assume({ Tags, TransitiveTagKeys: ["team"] })).Credentials);
    expect((await refusalOf(assume({ ...next, DurationSeconds: 3601 }, tagged))).message).toContain("role chaining");
    expect((await refusalOf(assume({ ...next, Tags }, tagged))).message).toContain("transitive");
    await at.ec2(as((await assume(next, tagged)).Credentials)).send(new DescribeSubnetsCommand({}));
  });
});

test("GetSessionToken and GetAccessKeyInfo", async () => {
  const { Credentials: given } = await at.sts().send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
  expect((await at.sts(as(given)).send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/lab`);
  expect((await at.sts().send(new GetAccessKeyInfoCommand({ AccessKeyId: given?.AccessKeyId }))).Account).toBe(ACCOUNT);
});

describe("AssumeRoleWithWebIdentity", () => {
  const sub = "system:serviceaccount:web:api";
  const host = ISSUER.slice("https://".length);
  const trust = trusting(
    { Federated: PROVIDER },
    {
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${host}:sub`]: sub, [`${host}:aud`]: "sts.amazonaws.com" } },
    },
  );
  const exchange = async (WebIdentityToken: string, more: object = {}) =>
    at.sts().send(new AssumeRoleWithWebIdentityCommand({ RoleArn: ROLE, RoleSessionName: "pod", WebIdentityToken, ...more }));
  async function withProvider(): Promise<void> {
    await at.iam().send(new CreateOpenIDConnectProviderCommand({ Url: ISSUER, ClientIDList: ["sts.amazonaws.com"] }));
    await aRole(trust);
  }

  test("exchanges a service account's token for a session, unsigned", async () => {
    await withProvider();
    const reply = await exchange(await issuer.token());
    expect(reply).toMatchObject({ SubjectFromWebIdentityToken: sub, Audience: "sts.amazonaws.com", Provider: PROVIDER });
    expect(reply.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/app/pod`);
    await at.ec2(as(reply.Credentials)).send(new DescribeSubnetsCommand({}));
  });

  test("refuses a wrong subject, audience, issuer, signature and a token that expired, each in its own words", async () => {
    await withProvider();
    const code = async (token: string): Promise<string> => {
      const { name, status } = await refusalOf(exchange(token));
      return `${name} ${status}`;
    };
    expect(await code(await issuer.token({ sub: "system:serviceaccount:web:other" }))).toBe("AccessDenied 403");
    expect(await code(await issuer.token({ aud: "elsewhere" }))).toBe("InvalidIdentityTokenException 400");
    expect(await code(await issuer.token({ iss: "https://other.example.com" }))).toBe("InvalidIdentityTokenException 400");
    expect(await code(await issuer.token({}, -10))).toBe("ExpiredTokenException 400");
    const [header = "", , signature = ""] = (await issuer.token({ sub: "system:serviceaccount:web:other" })).split(".");
    const [, payload = ""] = (await issuer.token()).split(".");
    expect(await code(`${header}.${payload}.${signature}`)).toBe("InvalidIdentityTokenException 400");
    expect((await refusalOf(exchange(await issuer.token({ iss: "https://other.example.com" })))).message).toBe(
      "No OpenIDConnect provider found in your account for https://other.example.com",
    );
  });

  test("follows a rotated key without asking for keys with every token, and tells when the issuer cannot be reached", async () => {
    await withProvider();
    await exchange(await issuer.token());
    await exchange(await issuer.token());
    expect(issuer.reads).toBe(2);
    const old = await issuer.token();
    await issuer.rotate();
    await at.clock.advance(10_000);
    await exchange(await issuer.token());
    expect(issuer.reads).toBe(4);
    expect((await refusalOf(exchange(old))).name).toBe("InvalidIdentityTokenException");
    issuer.isReachable = false;
    await at.clock.advance(400_000);
    expect(await refusalOf(exchange(await issuer.token()))).toMatchObject({ name: "IDPCommunicationErrorException", status: 400 });
  });

  test("whatever the token is, the answer is an error of STS's and not the lab's failure", async () => {
    await withProvider();
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString("base64url")),
      fc.string(),
    );
    const near = fc.record({
      iss: fc.constantFrom(ISSUER, 1, null),
      sub: fc.constantFrom("a", 1, null),
      aud: fc.jsonValue(),
      exp: fc.oneof(fc.double(), fc.string()),
    });
    const header = Buffer.from('{"alg":"RS256","kid":"0"}').toString("base64url");
    const token = fc.oneof(
      fc.tuple(part, part, part).map((parts) => parts.join(".")),
      near.map((claims) => `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.AAAA`),
      fc.string({ maxLength: 30 }),
    );
    await fc.assert(
      fc.asyncProperty(token, async (text) => {
        const body = new URLSearchParams({
          Version: "2011-06-15",
          Action: "AssumeRoleWithWebIdentity",
          RoleArn: ROLE,
          RoleSessionName: "pod",
          WebIdentityToken: text,
        });
        const reply = await at.endpoint.fetch(new Request("http://lab/", { method: "POST", body }));
        expect(reply.status).toBeGreaterThanOrEqual(400);
        expect(reply.status).toBeLessThan(500);
      }),
      { numRuns: 60 },
    );
  });
});
