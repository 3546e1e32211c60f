import { describe, expect, test } from "vitest";
import {
  addClientId,
  addRoleToInstanceProfile,
  addTags,
  attachPolicy,
  attachmentsOf,
  createAccessKey,
  createInstanceProfile,
  createOidcProvider,
  createPolicy,
  createPolicyVersion,
  createRole,
  createUser,
  deleteInlinePolicy,
  deleteInstanceProfile,
  deletePolicy,
  deletePolicyVersion,
  deleteRole,
  detachPolicy,
  evaluate,
  contextOf,
  oidcProviderOf,
  policiesOf,
  putInlinePolicy,
  removeRoleFromInstanceProfile,
  removeTags,
  setBoundary,
  setDefaultVersion,
  tagsOf,
  updateRole,
  updateTrustPolicy,
  type Account,
} from "../src/index.ts";
import { ACCOUNT_ID, aCall, anAccount, EC2_TRUST, must, NOW, refusal, trusting } from "./an-account.ts";

const call = aCall();
const CNI = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy";
const S3 = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] });
const node = { kind: "role", name: "node" } as const;

function withNode(): Account {
  return must(createRole(anAccount(), { name: "node", path: "/eks/", trustPolicy: EC2_TRUST }, call)).account;
}

describe("roles", () => {
  test("have an ARN with their path, and what IAM gives by default", () => {
    expect(withNode().roles[0]).toMatchObject({
      name: "node",
      arn: `arn:aws:iam::${ACCOUNT_ID}:role/eks/node`,
      createdAt: NOW,
      sessionSecondsMax: 3600,
      attached: [],
    });
  });

  test("are refused in IAM's words", () => {
    const account = withNode();
    const made = (more: object): string => refusal(createRole(account, { name: "x", trustPolicy: EC2_TRUST, ...more }, call));
    expect(made({ name: "NODE" })).toBe("EntityAlreadyExists: Role with name NODE already exists.");
    expect(made({ name: "a b" })).toMatch(/^ValidationError: The specified value for roleName is invalid/);
    expect(made({ name: "x".repeat(65) })).toMatch(/^ValidationError: 1 validation error detected/);
    expect(made({ boundary: `arn:aws:iam::${ACCOUNT_ID}:policy/gone` })).toMatch(/^NoSuchEntity: Policy .*gone does not exist/);
    expect(made({ path: "nowhere" })).toMatch(/^ValidationError: The specified value for path/);
    expect(made({ sessionSecondsMax: 50_000 })).toMatch(/^ValidationError: .*less than or equal to 43200/);
    expect(made({ trustPolicy: S3 })).toBe("MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions.");
    const gone = `arn:aws:iam::${ACCOUNT_ID}:role/gone`;
    expect(made({ trustPolicy: trusting({ AWS: gone }) })).toBe(`MalformedPolicyDocument: Invalid principal in policy: "AWS":"${gone}"`);
    expect(made({ trustPolicy: trusting({ Service: `${"x".repeat(2100)}.amazonaws.com` }) })).toMatch(
      /^LimitExceeded: .*ACLSizePerRole: 2048/,
    );
    expect(
      made({
        tags: [
          ["a", "1"],
          ["A", "2"],
        ],
      }),
    ).toMatch(/^InvalidInput: Duplicate tag keys/);
  });

  test("change, and go only when nothing hangs on them", () => {
    let account = must(updateRole(withNode(), { name: "node", description: "nodes", sessionSecondsMax: 7200 })).account;
    account = must(updateTrustPolicy(account, "node", trusting({ Service: "pods.eks.amazonaws.com" }))).account;
    expect(account.roles[0]).toMatchObject({ description: "nodes", sessionSecondsMax: 7200 });
    account = must(attachPolicy(account, node, CNI)).account;
    expect(refusal(deleteRole(account, "node"))).toBe("DeleteConflict: Cannot delete entity, must detach all policies first.");
    account = must(detachPolicy(account, node, CNI)).account;
    expect(refusal(detachPolicy(account, node, CNI))).toBe(`NoSuchEntity: Policy ${CNI} was not found.`);
    account = must(putInlinePolicy(account, node, { name: "s3", document: S3 })).account;
    expect(refusal(deleteRole(account, "node"))).toBe("DeleteConflict: Cannot delete entity, must delete policies first.");
    account = must(deleteInlinePolicy(account, node, "s3")).account;
    expect(must(deleteRole(account, "node")).account.roles).toEqual([]);
    expect(refusal(deleteRole(account, "other"))).toBe("NoSuchEntity: The role with name other cannot be found.");
  });

  test("may do what attached and inline policies say, within their boundary", () => {
    let account = must(attachPolicy(withNode(), node, CNI)).account;
    account = must(putInlinePolicy(account, node, { name: "s3", document: S3 })).account;
    const may = (action: string): string => {
      const [role] = account.roles;
      return role === undefined ? "gone" : evaluate(policiesOf(account, role), { action, resource: "*", context: contextOf([]) }).kind;
    };
    expect([may("ec2:AttachNetworkInterface"), may("s3:GetObject"), may("iam:ListRoles")]).toEqual(["allowed", "allowed", "implicit-deny"]);
    account = must(setBoundary(account, node, CNI)).account;
    expect([may("ec2:AttachNetworkInterface"), may("s3:GetObject")]).toEqual(["allowed", "implicit-deny"]);
    account = must(setBoundary(account, node, undefined)).account;
    expect(may("s3:GetObject")).toBe("allowed");
  });

  test("hold ten managed policies and no more", () => {
    let account = withNode();
    for (let index = 0; index < 10; index++) {
      const made = must(createPolicy(account, { name: `p${index}`, document: S3 }, call));
      account = must(attachPolicy(made.account, node, made.value.arn)).account;
    }
    expect(refusal(attachPolicy(account, node, CNI))).toBe("LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10");
    expect(refusal(attachPolicy(account, node, "arn:aws:iam::aws:policy/Nope"))).toMatch(/^NoSuchEntity: Policy .* does not exist/);
  });
});

describe("customer managed policies", () => {
  test("have five versions, one of them the default", () => {
    const made = must(createPolicy(anAccount(), { name: "p", document: S3 }, call));
    const { arn } = made.value;
    let { account } = made;
    for (let index = 2; index <= 5; index++) {
      const next = must(createPolicyVersion(account, { arn, document: S3, isDefault: index === 5 }, call));
      expect(next.value.id).toBe(`v${index}`);
      account = next.account;
    }
    expect(refusal(createPolicyVersion(account, { arn, document: S3, isDefault: false }, call))).toMatch(
      /^LimitExceeded: .*up to 5 versions/,
    );
    expect(refusal(deletePolicyVersion(account, arn, "v5"))).toBe("DeleteConflict: Cannot delete the default version of a policy.");
    account = must(deletePolicyVersion(account, arn, "v2")).account;
    expect(must(createPolicyVersion(account, { arn, document: S3, isDefault: false }, call)).value.id).toBe("v6");
    account = must(setDefaultVersion(account, arn, "v1", NOW)).account;
    expect(account.policies[0]?.defaultVersion).toBe("v1");
    expect(refusal(deletePolicy(account, arn))).toMatch(/^DeleteConflict: This policy has more than one version/);
  });

  test("cannot go while attached; AWS's own cannot be changed", () => {
    const made = must(createPolicy(withNode(), { name: "p", document: S3 }, call));
    const { account } = must(attachPolicy(made.account, node, made.value.arn));
    expect(attachmentsOf(account, made.value.arn)).toEqual({ roles: ["node"], users: [] });
    expect(refusal(deletePolicy(account, made.value.arn))).toBe("DeleteConflict: Cannot delete a policy attached to entities.");
    expect(refusal(deletePolicy(account, CNI))).toMatch(/^AccessDenied/);
    const long = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "s3:*", Resource: `arn:aws:s3:::${"x".repeat(6200)}` }],
    });
    expect(refusal(createPolicy(account, { name: "long", document: long }, call))).toBe(
      "LimitExceeded: Cannot exceed quota for PolicySize: 6144",
    );
  });
});

test("an instance profile holds one role", () => {
  let { account } = must(createInstanceProfile(withNode(), { name: "node" }, call));
  account = must(addRoleToInstanceProfile(account, "node", "node")).account;
  expect(refusal(addRoleToInstanceProfile(account, "node", "node"))).toMatch(/^LimitExceeded/);
  expect(refusal(deleteRole(account, "node"))).toMatch(/^DeleteConflict/);
  expect(refusal(deleteInstanceProfile(account, "node"))).toMatch(/^DeleteConflict/);
  account = must(removeRoleFromInstanceProfile(account, "node", "node")).account;
  expect(must(deleteInstanceProfile(account, "node")).account.instanceProfiles).toEqual([]);
});

test("an OIDC provider is found by its issuer", () => {
  const url = "https://oidc.eks.us-east-1.amazonaws.com/id/ABC";
  let { account } = must(createOidcProvider(anAccount(), { url, clientIds: ["sts.amazonaws.com"] }, NOW));
  const arn = `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC`;
  expect(oidcProviderOf(account, url)).toMatchObject({ arn, clientIds: ["sts.amazonaws.com"] });
  expect(oidcProviderOf(account, `${url}D`)).toBeUndefined();
  expect(refusal(createOidcProvider(account, { url }, NOW))).toBe(`EntityAlreadyExists: Provider with url ${url} already exists.`);
  expect(refusal(createOidcProvider(account, { url: "http://x" }, NOW))).toBe("ValidationError: Invalid Open ID Connect Provider URL");
  account = must(addClientId(account, arn, "me")).account;
  expect(oidcProviderOf(account, url)?.clientIds).toEqual(["sts.amazonaws.com", "me"]);
  account = must(
    addTags(account, { kind: "oidcProviders", arn }, [
      ["a", "1"],
      ["b", "2"],
    ]),
  ).account;
  account = must(addTags(account, { kind: "oidcProviders", arn }, [["A", "3"]])).account;
  account = must(removeTags(account, { kind: "oidcProviders", arn }, ["B"])).account;
  expect(tagsOf(account, { kind: "oidcProviders", arn })).toEqual({ A: "3" });
});

test("a user is bounded only by a policy that is there", () => {
  const made = (boundary: string): string => refusal(createUser(anAccount(), { name: "ops", boundary }, call));
  expect(made(`arn:aws:iam::${ACCOUNT_ID}:policy/gone`)).toMatch(/^NoSuchEntity: Policy .*gone does not exist/);
  expect(made("gone")).toBe("ValidationError: ARN gone is not valid.");
  expect(must(createUser(anAccount(), { name: "ops", boundary: CNI }, call)).value.boundary).toBe(CNI);
});

test("a user has two access keys at most", () => {
  let { account } = must(createUser(anAccount(), { name: "ops" }, call));
  account = must(createAccessKey(account, "ops", call)).account;
  account = must(createAccessKey(account, "ops", call)).account;
  expect(refusal(createAccessKey(account, "ops", call))).toBe("LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
});

test("an account is plain JSON", () => {
  const account = withNode();
  expect(JSON.parse(JSON.stringify(account))).toEqual(account);
});
