import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeSubnetsCommand, CreateTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateAccessEntryCommand, DescribeAccessEntryCommand, EKSClient, ListClustersCommand } from "@aws-sdk/client-eks";
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListServicesCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { checkClusterFile } from "@slash28/cluster-file";
import { systemClock } from "@slash28/linux";
import { AwsV4Signer } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labPaths, type LabStatus } from "../../src/control/index.ts";
import { startLab, type Lab } from "../../src/supervisor/lab.ts";
import { refusalOf, trusting, type Credentials } from "../aws/identity/an-identity-lab.ts";

const NO_LOG = { debug() {}, info() {}, warn() {}, error() {}, child: () => NO_LOG } as never;
const folder = mkdtempSync(join(tmpdir(), "s28-strict-"));
const UNKNOWN: Credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" };

let lab: Lab;
let status: Awaited<ReturnType<Lab["status"]>>;
let own: Credentials;

beforeAll(async () => {
  const subnets = [{ zone: "us-east-1a", cidr: "10.0.0.0/24" }];
  const checked = checkClusterFile({ name: "s", vpc: { subnets }, nodeGroups: [{ name: "none", instanceType: "m5.large", nodes: 0 }] });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const order = { dataPlane: "simulated", ec2Profile: "instant", apiPort: 0, awsPort: 0, seed: 1, iam: "strict" } as const;
  const parts = { paths: labPaths(folder), clock: systemClock, random: Math.random, log: NO_LOG, onStep() {} };
  lab = await startLab({ file: checked.file, order, ...parts });
  status = await lab.status();
  own = keysOf(status);
}, 60_000);
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const keysOf = ({ credentials }: Pick<LabStatus, "credentials">): Credentials => {
  if (credentials === undefined) throw new Error("the lab gave no keys");
  return credentials;
};
const settings = (credentials: Credentials) => ({ endpoint: status.endpoints.aws, region: "us-east-1", credentials, maxAttempts: 1 });
const wrong = (): Credentials => ({ ...own, secretAccessKey: `${own.secretAccessKey.slice(0, -1)}!` });

/** One call to each protocol and service, and what it calls an unknown key and a wrong secret. */
const CALLS: readonly (readonly [service: string, call: (as: Credentials) => Promise<unknown>, unknownKey: string, wrongSecret: string])[] =
  [
    ["ec2", (as) => new EC2Client(settings(as)).send(new DescribeSubnetsCommand({})), "AuthFailure", "SignatureDoesNotMatch"],
    ["sts", (as) => new STSClient(settings(as)).send(new GetCallerIdentityCommand({})), "InvalidClientTokenId", "SignatureDoesNotMatch"],
    ["iam", (as) => new IAMClient(settings(as)).send(new ListRolesCommand({})), "InvalidClientTokenId", "SignatureDoesNotMatch"],
    [
      "eks",
      (as) => new EKSClient(settings(as)).send(new ListClustersCommand({ maxResults: 1 })),
      "UnrecognizedClientException",
      "InvalidSignatureException",
    ],
    [
      "servicequotas",
      (as) => new ServiceQuotasClient(settings(as)).send(new ListServicesCommand({})),
      "UnrecognizedClientException",
      "InvalidSignatureException",
    ],
  ];

describe.each(CALLS)("%s", (_service, call, unknownKey, wrongSecret) => {
  test("takes the keys the lab tells operators, and no others", async () => {
    expect(own.accessKeyId).toMatch(/^AKIA/);
    await call(own);
    expect((await refusalOf(call(UNKNOWN))).name).toBe(unknownKey);
    expect((await refusalOf(call({ accessKeyId: "root", secretAccessKey: "root" }))).name).toBe(unknownKey);
    expect(await refusalOf(call(wrong()))).toMatchObject({
      name: wrongSecret,
      status: 403,
      message: expect.stringContaining("The request signature we calculated does not match the signature you provided."),
    });
  });
});

test("users and sessions sign with what they were given, and only with that", async () => {
  const iam = new IAMClient(settings(own));
  await iam.send(new CreateUserCommand({ UserName: "ann" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
  const ann = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  const who = async (as: Credentials) => (await new STSClient(settings(as)).send(new GetCallerIdentityCommand({}))).Arn;
  expect(await who(ann)).toBe("arn:aws:iam::123456789012:user/ann");
  expect((await refusalOf(who({ ...ann, secretAccessKey: own.secretAccessKey }))).name).toBe("SignatureDoesNotMatch");

  await iam.send(
    new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: trusting({ AWS: "arn:aws:iam::123456789012:user/lab" }) }),
  );
  const sts = new STSClient(settings(own));
  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn: "arn:aws:iam::123456789012:role/r", RoleSessionName: "one" }));
  const temporary = await sts.send(new GetSessionTokenCommand({}));
  for (const [{ Credentials: given }, arn] of [
    [assumed, "arn:aws:sts::123456789012:assumed-role/r/one"],
    [temporary, "arn:aws:iam::123456789012:user/lab"],
  ] as const) {
    const as = {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey: given?.SecretAccessKey ?? "",
      sessionToken: given?.SessionToken ?? "",
    };
    expect(await who(as)).toBe(arn);
    expect((await refusalOf(who({ ...as, secretAccessKey: "x" }))).name).toBe("SignatureDoesNotMatch");
    expect((await refusalOf(who({ ...as, sessionToken: "x" }))).name).toBe("InvalidClientTokenId");
  }
});

test("signatures hold whatever is in bodies, paths and queries", async () => {
  const [subnet] = status.subnets;
  const Tags = [{ Key: "a b+c/ü:%&=", Value: "~!*'() \u{1f642}" }];
  await new EC2Client(settings(own)).send(new CreateTagsCommand({ Resources: [subnet?.id ?? ""], Tags }));
  const eks = new EKSClient(settings(own));
  const entry = { clusterName: "s", principalArn: "arn:aws:iam::123456789012:role/a/b=c,d@e/r" };
  await eks.send(new CreateAccessEntryCommand(entry));
  expect((await eks.send(new DescribeAccessEntryCommand(entry))).accessEntry?.principalArn).toContain(":role/");
});

/** A request as a client of one's own sends it. */
async function send(form: string, { signedAt, sent = form }: { readonly signedAt?: string; readonly sent?: string } = {}): Promise<string> {
  const signer = new AwsV4Signer({
    url: status.endpoints.aws,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form,
    ...own,
    service: form.includes("2011-06-15") ? "sts" : "ec2",
    region: "us-east-1",
    ...(signedAt === undefined ? {} : { datetime: signedAt }),
  });
  const { url, method, headers } = await signer.sign();
  return (await fetch(url, { method, headers, body: sent })).text();
}

const EC2_FORM = "Action=DescribeVpcs&Version=2016-11-15";
const STS_FORM = "Action=GetCallerIdentity&Version=2011-06-15";
const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString().replaceAll(/[-:]|\.\d+/g, "");

test("what was signed is what counts: another body, another time, no signature", async () => {
  expect(await send(EC2_FORM)).toContain("<DescribeVpcsResponse");
  expect(await send(EC2_FORM, { sent: `${EC2_FORM}&MaxResults=5` })).toContain("<Code>SignatureDoesNotMatch</Code>");
  expect(await send(EC2_FORM, { signedAt: minutesAgo(3) })).toContain("<DescribeVpcsResponse");
  expect(await send(EC2_FORM, { signedAt: minutesAgo(7) })).toContain("<Code>RequestExpired</Code>");
  expect(await send(STS_FORM, { signedAt: minutesAgo(-7) })).toMatch(/<Code>SignatureDoesNotMatch<\/Code>\s*<Message>Signature expired/);
  const unsigned = await fetch(status.endpoints.aws, { method: "POST", body: new URLSearchParams(EC2_FORM) });
  expect([unsigned.status, await unsigned.text()]).toEqual([403, expect.stringContaining("<Code>MissingAuthenticationToken</Code>")]);
});
