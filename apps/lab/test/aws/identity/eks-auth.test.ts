import {
  CreateRoleCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  CreateUserCommand,
  CreateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import * as fc from "fast-check";
import type { JWTPayload } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEksAuthService, createGate, type AwsService, type PodAssociation } from "../../../src/aws/index.ts";
import { aLog } from "../lab-cloud.ts";
import { allowing, anIdentityLab, trusting, type IdentityLab } from "./an-identity-lab.ts";
import { anIssuer, ISSUER, type Issuer } from "./an-issuer.ts";

const ACCOUNT = "123456789012";
const CLUSTER_ARN = `arn:aws:eks:us-east-1:${ACCOUNT}:cluster/prod`;
const TRUST = trusting({ Service: "pods.eks.amazonaws.com" }, { Action: ["sts:AssumeRole", "sts:TagSession"] });
const associated: PodAssociation = {
  arn: `arn:aws:eks:us-east-1:${ACCOUNT}:podidentityassociation/prod/a-1`,
  id: "a-1",
  roleArn: `arn:aws:iam::${ACCOUNT}:role/app`,
  disableSessionTags: false,
};

let at: IdentityLab;
let issuer: Issuer;
let service: AwsService;
let association: PodAssociation | undefined;

beforeEach(async () => {
  issuer = await anIssuer(() => at.clock.now());
  at = await anIdentityLab({ issuerDocuments: { read: (url) => issuer.documents.read(url) } });
  association = associated;
  const gate = createGate(at.clock);
  gate.add(at.identity.identities.authorizer.rule);
  service = createEksAuthService({
    ...at.identity,
    gate,
    clock: at.clock,
    log: aLog(),
    pods: {
      cluster: (name) => (name === "prod" ? { arn: CLUSTER_ARN, issuer: ISSUER } : undefined),
      association: (_, namespace, serviceAccount) => (namespace === "web" && serviceAccount === "api" ? association : undefined),
    },
  });
  await at.iam().send(new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument: TRUST }));
  const own = { Condition: { StringEquals: { "aws:PrincipalTag/kubernetes-namespace": "web" } } };
  await at
    .iam()
    .send(new PutRolePolicyCommand({ RoleName: "app", PolicyName: "own", PolicyDocument: allowing("ec2:DescribeSubnets", "*", own) }));
});
afterEach(() => at.close());

interface Reply {
  readonly status: number;
  readonly error: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function post(body: string, { cluster = "prod", key = "lab" } = {}): Promise<Reply> {
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20300131/us-east-1/eks-auth/aws4_request, SignedHeaders=host, Signature=0`;
  const request = new Request(`http://lab/clusters/${cluster}/assume-role-for-pod-identity`, {
    method: "POST",
    body,
    headers: { authorization },
  });
  expect(service.takes(request)).toBe(true);
  const reply = await service.answer(request, "request-1");
  return { status: reply.status, error: reply.headers.get("x-amzn-errortype"), body: (await reply.json()) as Reply["body"] };
}

const exchange = async (claims: JWTPayload = {}, seconds?: number): Promise<Reply> =>
  post(JSON.stringify({ token: await issuer.token({ aud: "pods.eks.amazonaws.com", ...claims }, seconds) }));

test("a pod's token becomes a session of its role for six hours, tagged with where the pod is", async () => {
  const { status, body } = await exchange();
  expect(status).toBe(200);
  expect(body).toMatchObject({
    subject: { namespace: "web", serviceAccount: "api" },
    audience: "pods.eks.amazonaws.com",
    podIdentityAssociation: { associationArn: associated.arn, associationId: "a-1" },
  });
  const { credentials } = body as {
    readonly credentials: Record<"accessKeyId" | "secretAccessKey" | "sessionToken", string> & { readonly expiration: number };
  };
  expect(credentials.expiration).toBe(at.clock.now() / 1000 + 6 * 3600);
  const { expiration: _, ...keys } = credentials;
  const who = await at.sts(keys).send(new GetCallerIdentityCommand({}));
  expect(who.Arn).toMatch(/^arn:aws:sts::123456789012:assumed-role\/app\/eks-prod-api-0-[0-9a-f-]{36}$/);
  await at.ec2(keys).send(new DescribeSubnetsCommand({}));
  const session = at.identity.identities.sessions.find(credentials.accessKeyId);
  expect(session?.subject).toMatchObject({
    grant: {
      tags: {
        "eks-cluster-arn": CLUSTER_ARN,
        "eks-cluster-name": "prod",
        "kubernetes-namespace": "web",
        "kubernetes-service-account": "api",
        "kubernetes-pod-name": "api-0",
        "kubernetes-pod-uid": "0000-1111",
      },
      transitiveKeys: expect.arrayContaining(["kubernetes-pod-uid"]) as unknown,
    },
  });
});

test("each thing that is wrong has its own code", async () => {
  const code = ({ status, error }: Reply): string => `${status} ${error}`;
  expect(code(await exchange({ aud: "sts.amazonaws.com" }))).toBe("400 InvalidTokenException");
  expect(code(await exchange({ iss: "https://elsewhere" }))).toBe("400 InvalidTokenException");
  expect(code(await exchange({ "kubernetes.io": {} }))).toBe("400 InvalidTokenException");
  expect(code(await exchange({}, -1))).toBe("400 ExpiredTokenException");
  expect(code(await exchange({ sub: "system:serviceaccount:web:other" }))).toBe("404 ResourceNotFoundException");
  expect(code(await post('{"token":"a.b.c"}', { cluster: "other" }))).toBe("404 ResourceNotFoundException");
  expect(code(await post("{}"))).toBe("400 InvalidParameterException");
  issuer.isReachable = false;
  await at.clock.advance(400_000);
  expect(code(await exchange())).toBe("503 ServiceUnavailableException");
});

test("the role must trust the service, for tags too", async () => {
  await at
    .iam()
    .send(new CreateRoleCommand({ RoleName: "untagged", AssumeRolePolicyDocument: trusting({ Service: "pods.eks.amazonaws.com" }) }));
  association = { ...associated, roleArn: `arn:aws:iam::${ACCOUNT}:role/untagged` };
  const refused = await exchange();
  expect(refused).toMatchObject({ status: 400, error: "AccessDeniedException" });
  expect(String(refused.body["message"])).toContain("sts:TagSession");
  association = { ...association, disableSessionTags: true };
  expect((await exchange()).status).toBe(200);
});

test("a target role is taken with the first role's session, for less than an hour", async () => {
  const both = ["sts:AssumeRole", "sts:TagSession"];
  await at
    .iam()
    .send(new CreateRoleCommand({ RoleName: "target", AssumeRolePolicyDocument: trusting({ AWS: ACCOUNT }, { Action: both }) }));
  association = { ...associated, targetRoleArn: `arn:aws:iam::${ACCOUNT}:role/target` };
  expect((await exchange()).error).toBe("AccessDeniedException");
  await at.iam().send(
    new PutRolePolicyCommand({
      RoleName: "app",
      PolicyName: "target",
      PolicyDocument: allowing(both, `arn:aws:iam::${ACCOUNT}:role/target`),
    }),
  );
  const { body } = await exchange();
  expect(body).toMatchObject({ assumedRoleUser: { arn: expect.stringContaining("assumed-role/target/eks-prod-") as unknown } });
  expect((body as { readonly credentials: { readonly expiration: number } }).credentials.expiration).toBe(at.clock.now() / 1000 + 59 * 60);
});

test("whoever asks needs the permission", async () => {
  await at.iam().send(new CreateUserCommand({ UserName: "ops" }));
  const { AccessKey } = await at.iam().send(new CreateAccessKeyCommand({ UserName: "ops" }));
  const key = AccessKey?.AccessKeyId ?? "";
  const token = JSON.stringify({ token: await issuer.token({ aud: "pods.eks.amazonaws.com" }) });
  expect(await post(token, { key })).toMatchObject({ error: "AccessDeniedException" });
  const policy = allowing("eks-auth:AssumeRoleForPodIdentity", CLUSTER_ARN);
  await at.iam().send(new PutUserPolicyCommand({ UserName: "ops", PolicyName: "pods", PolicyDocument: policy }));
  expect((await post(token, { key })).status).toBe(200);
});

test("whatever the body, the answer is a refusal and no failure of the lab", async () => {
  const near = fc.dictionary(fc.constantFrom("token", "x"), fc.jsonValue()).map((value) => JSON.stringify(value));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json(), near), async (body) => {
      const { status } = await post(body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 60 },
  );
});
