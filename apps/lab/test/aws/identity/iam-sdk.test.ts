import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateInstanceProfileCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteConflictException,
  DeleteRoleCommand,
  EntityAlreadyExistsException,
  GetInstanceProfileCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
  paginateListRoles,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allowing, anIdentityLab, refusalOf, trusting, type IdentityLab } from "./an-identity-lab.ts";

let at: IdentityLab;
beforeAll(async () => {
  at = await anIdentityLab();
});
afterAll(() => at.close());

const PODS = trusting({ Service: "pods.eks.amazonaws.com" }, { Action: ["sts:AssumeRole", "sts:TagSession"] });

test("a role is made, read back with its trust policy encoded, tagged, changed and deleted", async () => {
  const iam = at.iam();
  const made = await iam.send(
    new CreateRoleCommand({ RoleName: "app", Path: "/pods/", AssumeRolePolicyDocument: PODS, Tags: [{ Key: "team", Value: "web" }] }),
  );
  expect(made.Role).toMatchObject({ RoleName: "app", Arn: "arn:aws:iam::123456789012:role/pods/app", MaxSessionDuration: 3600 });
  expect(made.Role?.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
  await iam.send(new UpdateRoleCommand({ RoleName: "app", MaxSessionDuration: 7200, Description: "of an app" }));
  await iam.send(new TagRoleCommand({ RoleName: "app", Tags: [{ Key: "stage", Value: "test" }] }));
  await iam.send(new UntagRoleCommand({ RoleName: "app", TagKeys: ["team"] }));
  expect((await iam.send(new ListRoleTagsCommand({ RoleName: "app" }))).Tags).toEqual([{ Key: "stage", Value: "test" }]);
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: "app" }));
  expect(Role).toMatchObject({ Description: "of an app", MaxSessionDuration: 7200, Tags: [{ Key: "stage", Value: "test" }] });
  expect(Role?.AssumeRolePolicyDocument).toMatch(/^%7B%22/);
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(PODS);
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "app", PolicyDocument: trusting({ Service: "ec2.amazonaws.com" }) }));
  await iam.send(new DeleteRoleCommand({ RoleName: "app" }));
  await expect(iam.send(new GetRoleCommand({ RoleName: "app" }))).rejects.toBeInstanceOf(NoSuchEntityException);
});

test("errors are the SDK's own classes, with IAM's statuses", async () => {
  const iam = at.iam();
  const wrong = (RoleName: string, AssumeRolePolicyDocument: string): Promise<unknown> =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await expect(wrong("slash28-node", PODS)).rejects.toBeInstanceOf(EntityAlreadyExistsException);
  expect((await refusalOf(wrong("slash28-node", PODS))).status).toBe(409);
  await expect(wrong("x", "{")).rejects.toBeInstanceOf(MalformedPolicyDocumentException);
  await expect(iam.send(new DeleteRoleCommand({ RoleName: "slash28-node" }))).rejects.toBeInstanceOf(DeleteConflictException);
  expect(await refusalOf(iam.send(new GetRoleCommand({ RoleName: "nobody" })))).toMatchObject({
    name: "NoSuchEntityException",
    status: 404,
  });
});

test("the node's role has the policies EKS documents; lists come in pages", async () => {
  const iam = at.iam();
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "slash28-node" }));
  expect(attached.AttachedPolicies?.map(({ PolicyName }) => PolicyName)).toEqual([
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
  ]);
  const names: string[] = [];
  for await (const page of paginateListRoles({ client: iam, pageSize: 1 }, {}))
    names.push(...(page.Roles ?? []).map(({ RoleName = "" }) => RoleName));
  expect(names).toEqual(["slash28-cluster", "slash28-node"]);
  expect((await iam.send(new ListRolesCommand({ PathPrefix: "/nowhere/" }))).Roles).toEqual([]);
  const profile = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: "slash28-node" }));
  expect(profile.InstanceProfile?.Roles?.map(({ RoleName }) => RoleName)).toEqual(["slash28-node"]);
});

test("managed and inline policies", async () => {
  const iam = at.iam();
  await iam.send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument: PODS }));
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "read", PolicyDocument: allowing("s3:Get*") }));
  const PolicyArn = Policy?.Arn ?? "";
  await iam.send(new AttachRolePolicyCommand({ RoleName: "reader", PolicyArn }));
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing("s3:*"), SetAsDefault: true }));
  const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
  expect(version.PolicyVersion).toMatchObject({ IsDefaultVersion: true });
  expect(decodeURIComponent(version.PolicyVersion?.Document ?? "")).toBe(allowing("s3:*"));
  await iam.send(new PutRolePolicyCommand({ RoleName: "reader", PolicyName: "more", PolicyDocument: allowing("sqs:*") }));
  const inline = await iam.send(new GetRolePolicyCommand({ RoleName: "reader", PolicyName: "more" }));
  expect(decodeURIComponent(inline.PolicyDocument ?? "")).toBe(allowing("sqs:*"));
  expect((await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }))).PolicyRoles?.map(({ RoleName }) => RoleName)).toEqual([
    "reader",
  ]);
  const local = await iam.send(new ListPoliciesCommand({ Scope: "Local", OnlyAttached: true }));
  expect(local.Policies?.map(({ PolicyName, AttachmentCount }) => [PolicyName, AttachmentCount])).toEqual([["read", 1]]);
  const simulated = await iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: "arn:aws:iam::123456789012:role/reader",
      ActionNames: ["s3:PutObject", "ec2:RunInstances"],
    }),
  );
  expect(simulated.EvaluationResults?.map(({ EvalDecision }) => EvalDecision)).toEqual(["allowed", "implicitDeny"]);
});

test("instance profiles, OIDC providers, users and their keys", async () => {
  const iam = at.iam();
  await iam.send(new CreateRoleCommand({ RoleName: "own-nodes", AssumeRolePolicyDocument: trusting({ Service: "ec2.amazonaws.com" }) }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "own-nodes" }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "own-nodes", RoleName: "own-nodes" }));
  const Url = "https://oidc.eks.us-east-1.amazonaws.com/id/ABCDEF";
  const provider = await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ["sts.amazonaws.com"], ThumbprintList: ["a".repeat(40)] }),
  );
  const { OpenIDConnectProviderArn = "" } = provider;
  expect(OpenIDConnectProviderArn).toBe("arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABCDEF");
  expect(await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }))).toMatchObject({
    Url: "oidc.eks.us-east-1.amazonaws.com/id/ABCDEF",
    ClientIDList: ["sts.amazonaws.com"],
  });
  await iam.send(new CreateUserCommand({ UserName: "ops" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ops" }));
  expect(AccessKey?.AccessKeyId).toMatch(/^AKIA[A-Z0-9]{16}$/);
  expect(AccessKey?.SecretAccessKey).toHaveLength(40);
  expect((await iam.send(new GetUserCommand({}))).User?.Arn).toBe("arn:aws:iam::123456789012:user/lab");
});
