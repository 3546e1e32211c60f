import {
  AssignPrivateIpAddressesCommand,
  CreateNetworkInterfaceCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DetachRolePolicyCommand,
  ListRolesCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { DecodeAuthorizationMessageCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { roleCredentials } from "../../../src/aws/metadata/role-credentials.ts";
import { anInstance, given, START_MS } from "../lab-cloud.ts";
import { allowing, anIdentityLab, AS_LAB, refusalOf, type Credentials, type IdentityLab } from "./an-identity-lab.ts";

let at: IdentityLab;
beforeEach(async () => {
  at = await anIdentityLab();
});
afterEach(() => at.close());

const CNI = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy";

/** A node as the supervisor starts it, and the credentials its metadata service gives. */
function aNode(): { readonly id: string; readonly eniId: string; readonly as: Credentials } {
  const launched = at.lab.cloud.runInstances(
    {
      type: "m5.large",
      imageId: "ami-0123456789abcdef0",
      minCount: 1,
      maxCount: 1,
      subnetId: at.lab.subnets[0],
      instanceProfile: "slash28-node",
    },
    { now: START_MS },
  );
  const [instance] = given(launched).instances;
  if (instance === undefined) throw new Error("nothing was launched");
  const document = JSON.parse(roleCredentials(instance, at.clock.now())) as Record<"AccessKeyId" | "SecretAccessKey" | "Token", string>;
  return {
    id: instance.id,
    eniId: at.lab.cloud.view.attachedEnis(instance.id)[0]?.id ?? "",
    as: { accessKeyId: document.AccessKeyId, secretAccessKey: document.SecretAccessKey, sessionToken: document.Token },
  };
}

describe("a node", () => {
  test("is its role's session", async () => {
    const node = aNode();
    const identity = await at.sts(node.as).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(`arn:aws:sts::123456789012:assumed-role/slash28-node/${node.id}`);
    expect(identity.UserId).toMatch(new RegExp(`^AROA[A-Z2-7]{17}:${node.id}$`));
  });

  test("does what the CNI does, until the CNI's policy is detached; then EC2 refuses as EC2 does", async () => {
    const node = aNode();
    const ec2 = at.ec2(node.as);
    const tagged = { TagSpecifications: [{ ResourceType: "network-interface" as const, Tags: [{ Key: "a", Value: "b" }] }] };
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: at.lab.subnets[0], ...tagged }));
    await ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: node.eniId, SecondaryPrivateIpAddressCount: 1 }));
    await at.iam().send(new DetachRolePolicyCommand({ RoleName: "slash28-node", PolicyArn: CNI }));
    const refused = await refusalOf(
      ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: node.eniId, SecondaryPrivateIpAddressCount: 1 })),
    );
    expect(refused).toMatchObject({ name: "UnauthorizedOperation", status: 403 });
    expect(refused.message).toMatch(
      /^You are not authorized to perform this operation\. User: arn:aws:sts::123456789012:assumed-role\/slash28-node\/i-/,
    );
    expect(refused.message).toContain(
      `on resource: arn:aws:ec2:us-east-1:123456789012:network-interface/${node.eniId} because no identity-based policy allows`,
    );
    await ec2.send(new DescribeInstancesCommand({}));
    const encoded = /Encoded authorization failure message: (\S+)$/.exec(refused.message)?.[1];
    const { DecodedMessage = "" } = await at.sts().send(new DecodeAuthorizationMessageCommand({ EncodedMessage: encoded }));
    expect(JSON.parse(DecodedMessage)).toMatchObject({
      allowed: false,
      explicitDeny: false,
      context: { action: "ec2:AssignPrivateIpAddresses" },
    });
    await at.iam().send(new AttachRolePolicyCommand({ RoleName: "slash28-node", PolicyArn: CNI }));
    await ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: node.eniId, SecondaryPrivateIpAddressCount: 1 }));
  });

  test("may tag ENIs and nothing else, and starts no instances", async () => {
    const node = aNode();
    const ec2 = at.ec2(node.as);
    const Tags = [{ Key: "node.k8s.amazonaws.com/instance_id", Value: node.id }];
    await ec2.send(new CreateTagsCommand({ Resources: [node.eniId], Tags }));
    expect((await refusalOf(ec2.send(new CreateTagsCommand({ Resources: [node.id], Tags })))).name).toBe("UnauthorizedOperation");
    const run = new RunInstancesCommand({
      ImageId: "ami-0123456789abcdef0",
      InstanceType: "m5.large",
      MinCount: 1,
      MaxCount: 1,
      SubnetId: at.lab.subnets[0],
    });
    expect((await refusalOf(ec2.send(run))).name).toBe("UnauthorizedOperation");
  });

  test("hears that its credentials are old", async () => {
    const node = aNode();
    await at.clock.advance(7 * 3600_000);
    expect(await refusalOf(at.ec2(node.as).send(new DescribeSubnetsCommand({})))).toMatchObject({ name: "RequestExpired", status: 400 });
    expect(await refusalOf(at.sts(node.as).send(new GetCallerIdentityCommand({})))).toMatchObject({
      name: "ExpiredToken",
      status: 403,
    });
  });

  test("that is gone has credentials nobody knows", async () => {
    const node = aNode();
    given(at.lab.cloud.terminateInstances({ instanceIds: [node.id as never] }, { now: START_MS }));
    expect(await refusalOf(at.ec2(node.as).send(new DescribeSubnetsCommand({})))).toMatchObject({ name: "AuthFailure", status: 401 });
  });
});

describe("a user", () => {
  async function ops(policy: string): Promise<Credentials> {
    const iam = at.iam();
    await iam.send(new CreateUserCommand({ UserName: "ops" }));
    await iam.send(new PutUserPolicyCommand({ UserName: "ops", PolicyName: "own", PolicyDocument: policy }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ops" }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  }

  test("is held to own policies, down to the resource and its tags", async () => {
    const tagged = { Condition: { StringEquals: { "aws:ResourceTag/Name": "nodes us-east-1a" } } };
    const Statement = [
      { Effect: "Allow", Action: "ec2:CreateNetworkInterface", Resource: "arn:aws:ec2:*:*:network-interface/*" },
      { Effect: "Allow", Action: "ec2:CreateNetworkInterface", Resource: "arn:aws:ec2:*:*:subnet/*", ...tagged },
    ];
    const as = await ops(JSON.stringify({ Version: "2012-10-17", Statement }));
    const ec2 = at.ec2(as);
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: at.lab.subnets[0] }));
    const refused = await refusalOf(ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: at.lab.subnets[1] })));
    expect(refused.message).toContain(`subnet/${at.lab.subnets[1]}`);
    expect(await refusalOf(at.iam(as).send(new ListRolesCommand({})))).toMatchObject({ name: "AccessDenied", status: 403 });
  });

  test("needs iam:PassRole to start an instance with a role, and the profile must be there", async () => {
    const as = await ops(allowing("ec2:*"));
    const run = (Name: string): RunInstancesCommand =>
      new RunInstancesCommand({
        ImageId: "ami-0123456789abcdef0",
        InstanceType: "m5.large",
        MinCount: 1,
        MaxCount: 1,
        SubnetId: at.lab.subnets[0],
        IamInstanceProfile: { Name },
      });
    expect((await refusalOf(at.ec2(as).send(run("slash28-node")))).message).toContain(
      "iam:PassRole on resource: arn:aws:iam::123456789012:role/slash28-node",
    );
    const unknown = await refusalOf(at.ec2().send(run("nothing")));
    expect(unknown).toMatchObject({ name: "InvalidParameterValue" });
    expect(unknown.message).toContain("Invalid IAM Instance Profile name");
    await at.ec2().send(run("slash28-node"));
  });

  test("with a key that was switched off or deleted is nobody, not the default user", async () => {
    const as = await ops(allowing("*"));
    await at.ec2(as).send(new DescribeSubnetsCommand({}));
    await at.iam().send(new UpdateAccessKeyCommand({ UserName: "ops", AccessKeyId: as.accessKeyId, Status: "Inactive" }));
    expect((await refusalOf(at.ec2(as).send(new DescribeSubnetsCommand({})))).name).toBe("AuthFailure");
    await at.iam().send(new DeleteAccessKeyCommand({ UserName: "ops", AccessKeyId: as.accessKeyId }));
    expect(await refusalOf(at.iam(as).send(new ListRolesCommand({})))).toMatchObject({ name: "InvalidClientTokenId", status: 403 });
  });
});

describe("credentials the lab never gave out", () => {
  test("are the default user's, who is an administrator", async () => {
    const identity = await at.sts({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" }).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/lab", UserId: "AIDASLASH28LABUSER0" });
  });

  test("are refused where the lab is strict", async () => {
    const strict = await anIdentityLab({ isStrict: true });
    expect((await refusalOf(strict.ec2(AS_LAB).send(new DescribeSubnetsCommand({})))).name).toBe("AuthFailure");
    expect((await refusalOf(strict.sts(AS_LAB).send(new GetCallerIdentityCommand({})))).name).toBe("InvalidClientTokenId");
    const unsigned = await fetch(strict.url, {
      method: "POST",
      body: new URLSearchParams({ Version: "2016-11-15", Action: "DescribeVpcs" }),
    });
    expect(unsigned.status).toBe(403);
    await strict.close();
  });
});

test("an instance that was started past IAM has a role that may nothing", async () => {
  const instance = anInstance(at.lab.cloud, at.lab.subnets[0]);
  const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(roleCredentials(instance, START_MS)) as Record<string, string>;
  const as = { accessKeyId: AccessKeyId ?? "", secretAccessKey: SecretAccessKey ?? "", sessionToken: Token ?? "" };
  expect((await at.sts(as).send(new GetCallerIdentityCommand({}))).Arn).toContain("assumed-role/lab-node/i-");
  expect((await refusalOf(at.ec2(as).send(new DescribeSubnetsCommand({})))).name).toBe("UnauthorizedOperation");
});
