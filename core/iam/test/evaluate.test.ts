import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AWS_MANAGED_POLICIES,
  contextOf,
  evaluate,
  matchesArn,
  matchesWildcard,
  readPolicy,
  type NamedPolicy,
  type PolicySet,
} from "../src/index.ts";
import { given } from "./an-account.ts";

const named = (statements: object | readonly object[], id = "p"): NamedPolicy => ({
  id,
  document: given(readPolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "identity")),
});
const aws = (name: string): NamedPolicy => {
  const arn = `arn:aws:iam::aws:policy/${name}`;
  return { id: arn, document: given(readPolicy(AWS_MANAGED_POLICIES.get(arn)?.versions[0]?.document ?? "", "identity")) };
};
const SUBNET = "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1";
const ENI = "arn:aws:ec2:us-east-1:123456789012:network-interface/eni-1";
const INSTANCE = "arn:aws:ec2:us-east-1:123456789012:instance/i-1";

function decided(
  policies: PolicySet,
  action: string,
  resource = "*",
  keys: Readonly<Record<string, string | readonly string[]>> = {},
): string {
  const decision = evaluate(policies, { action, resource, context: contextOf(Object.entries(keys)) });
  return decision.kind === "implicit-deny" ? `implicit-deny by ${decision.layer}` : decision.kind;
}

describe("the policies of a node", () => {
  const node: PolicySet = {
    identity: ["AmazonEKS_CNI_Policy", "AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"].map(aws),
  };
  test.each([
    ["ec2:CreateNetworkInterface", SUBNET, "allowed"],
    ["ec2:AssignPrivateIpAddresses", ENI, "allowed"],
    ["ec2:CreateTags", ENI, "allowed"],
    ["ec2:CreateTags", INSTANCE, "implicit-deny by identity"],
    ["ec2:RunInstances", INSTANCE, "implicit-deny by identity"],
    ["ec2:AssignIpv6Addresses", ENI, "implicit-deny by identity"],
    ["eks-auth:AssumeRoleForPodIdentity", "*", "allowed"],
    ["EKS:describecluster", "*", "allowed"],
    ["iam:ListRoles", "*", "implicit-deny by identity"],
  ])("%s on %s: %s", (action, resource, want) => {
    expect(decided(node, action, resource)).toBe(want);
  });

  test("without the CNI's policy an address cannot be assigned, and instances are still seen", () => {
    const without = { identity: [aws("AmazonEKSWorkerNodePolicy")] };
    expect(decided(without, "ec2:AssignPrivateIpAddresses", ENI)).toBe("implicit-deny by identity");
    expect(decided(without, "ec2:DescribeInstances")).toBe("allowed");
  });
});

describe("layers", () => {
  const all = named({ Effect: "Allow", Action: "*", Resource: "*" });
  const onlyEc2 = named({ Effect: "Allow", Action: "ec2:*", Resource: "*" }, "ec2 only");
  test("a boundary and a session policy bound, and allow nothing by themselves", () => {
    expect(decided({ identity: [all], boundary: onlyEc2 }, "ec2:X")).toBe("allowed");
    expect(decided({ identity: [all], boundary: onlyEc2 }, "iam:X")).toBe("implicit-deny by boundary");
    expect(decided({ identity: [all], session: [onlyEc2] }, "iam:X")).toBe("implicit-deny by session");
    expect(decided({ identity: [], session: [all], boundary: all }, "iam:X")).toBe("implicit-deny by identity");
  });
  test("a deny anywhere wins, and is named", () => {
    const deny = named(
      [
        { Effect: "Allow", Action: "s3:*", Resource: "*" },
        { Effect: "Deny", Action: "iam:*", Resource: "*" },
      ],
      "guard",
    );
    const decision = evaluate({ identity: [all, deny] }, { action: "iam:X", resource: "*", context: contextOf([]) });
    expect(decision).toEqual({ kind: "explicit-deny", by: { policy: "guard", statement: 1, layer: "identity" } });
  });
  test("NotAction and NotResource cover what they do not list", () => {
    const policies = { identity: [named({ Effect: "Allow", NotAction: "iam:*", NotResource: SUBNET })] };
    expect(decided(policies, "ec2:X", ENI)).toBe("allowed");
    expect(decided(policies, "ec2:X", SUBNET)).toBe("implicit-deny by identity");
    expect(decided(policies, "iam:X", ENI)).toBe("implicit-deny by identity");
  });
});

type Keys = Readonly<Record<string, string | readonly string[]>>;

describe("conditions", () => {
  const holds = (condition: object, keys: Keys): boolean =>
    decided({ identity: [named({ Effect: "Allow", Action: "*", Resource: "*", Condition: condition })] }, "a:b", "*", keys) === "allowed";

  const cases: ReadonlyArray<readonly [string, object, Keys, boolean]> = [
    ["equal", { StringEquals: { "a:k": ["x", "y"] } }, { "A:K": "y" }, true],
    ["equal, other case", { StringEquals: { "a:k": "x" } }, { "a:k": "X" }, false],
    ["equal without the key", { StringEquals: { "a:k": "x" } }, {}, false],
    ["not equal to any", { StringNotEquals: { "a:k": ["x", "y"] } }, { "a:k": "y" }, false],
    ["not equal without the key", { StringNotEquals: { "a:k": "x" } }, {}, true],
    ["ignoring case", { StringEqualsIgnoreCase: { "a:k": "x" } }, { "a:k": "X" }, true],
    ["like", { StringLike: { "a:k": "system:serviceaccount:web:*" } }, { "a:k": "system:serviceaccount:web:api" }, true],
    ["like, one character", { StringLike: { "a:k": "v?" } }, { "a:k": "v10" }, false],
    ["not like", { StringNotLike: { "a:k": "v*" } }, { "a:k": "w" }, true],
    ["if it exists, and it does not", { StringEqualsIfExists: { "a:k": "x" } }, {}, true],
    ["if it exists, and it differs", { StringEqualsIfExists: { "a:k": "x" } }, { "a:k": "z" }, false],
    ["two operators are both needed", { StringEquals: { "a:k": "x" }, Bool: { "a:b": "true" } }, { "a:k": "x", "a:b": "false" }, false],
    ["two keys are both needed", { StringEquals: { "a:k": "x", "a:l": "y" } }, { "a:k": "x" }, false],
    ["any value", { "ForAnyValue:StringEquals": { "a:k": ["x"] } }, { "a:k": ["w", "x"] }, true],
    ["any value of none", { "ForAnyValue:StringEquals": { "a:k": ["x"] } }, {}, false],
    ["all values", { "ForAllValues:StringEquals": { "a:k": ["x", "y"] } }, { "a:k": ["x", "z"] }, false],
    ["all values of none", { "ForAllValues:StringEquals": { "a:k": ["x"] } }, {}, true],
    ["any value differs", { "ForAnyValue:StringNotEquals": { "a:k": ["x"] } }, { "a:k": ["x", "z"] }, true],
    ["absent", { Null: { "a:k": "true" } }, {}, true],
    ["present", { Null: { "a:k": "false" } }, { "a:k": "x" }, true],
    ["boolean", { Bool: { "a:k": "true" } }, { "a:k": "true" }, true],
    ["less", { NumericLessThanEquals: { "a:k": "3600" } }, { "a:k": "3600" }, true],
    ["greater", { NumericGreaterThan: { "a:k": "3600" } }, { "a:k": "3600" }, false],
    ["a number that is none", { NumericLessThan: { "a:k": "1" } }, { "a:k": "no" }, false],
    ["before", { DateLessThan: { "a:k": "2030-01-31T12:00:00Z" } }, { "a:k": "2030-01-31T11:59:59Z" }, true],
    ["before, in epoch seconds", { DateLessThan: { "a:k": "2030-01-31T12:00:00+02:00" } }, { "a:k": "1896084000" }, false],
    ["address in range", { IpAddress: { "a:k": "10.0.0.0/8" } }, { "a:k": "10.1.2.3" }, true],
    ["address out of ranges", { NotIpAddress: { "a:k": ["10.0.0.0/8", "2001:db8::/32"] } }, { "a:k": "2001:db8::1" }, false],
    ["ARN", { ArnLike: { "a:k": "arn:aws:iam::*:role/app-*" } }, { "a:k": "arn:aws:iam::123456789012:role/app-1" }, true],
    ["ARN, a wildcard stays in its part", { ArnLike: { "a:k": "arn:aws:*:role/app" } }, { "a:k": "arn:aws:iam::1:role/app" }, false],
    ["a variable", { StringEquals: { "a:k": "${aws:PrincipalTag/team}" } }, { "a:k": "web", "aws:PrincipalTag/Team": "web" }, true],
    ["a variable without a value", { StringEquals: { "a:k": "${aws:PrincipalTag/team}" } }, { "a:k": "" }, false],
    ["a variable's default", { StringEquals: { "a:k": "${aws:PrincipalTag/team, 'none'}" } }, { "a:k": "none" }, true],
    ["a variable brings no wildcard", { StringLike: { "a:k": "${a:v}" } }, { "a:k": "xyz", "a:v": "x*" }, false],
    ["a star that is one", { StringLike: { "a:k": "${*}" } }, { "a:k": "*" }, true],
  ];
  test.each(cases)("%s", (_, condition, keys, want) => {
    expect(holds(condition, keys)).toBe(want);
  });
});

describe("properties", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ":", "/"), maxLength: 12 });
  const glob = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", ":"), maxLength: 8 });

  test("wildcards match what the same regular expression matches", () => {
    fc.assert(
      fc.property(glob, text, (pattern, subject) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
        expect(matchesWildcard(pattern, subject)).toBe(expression.test(subject));
      }),
    );
  });

  test("an ARN matches itself", () => {
    const arn = fc.tuple(text, text).map(([service, resource]) => `arn:aws:${service.replaceAll(/[:/]/g, "")}:r:1:${resource}`);
    fc.assert(fc.property(arn, (it) => matchesArn(it, it)));
  });

  const action = fc.constantFrom("ec2:A", "ec2:B", "iam:A");
  const statement = fc.record({
    Effect: fc.constantFrom("Allow", "Deny"),
    Action: fc.constantFrom("*", "ec2:*", "ec2:A", "iam:?"),
    Resource: fc.constantFrom("*", SUBNET, "arn:aws:ec2:*:*:subnet/*"),
  });
  const set = fc.array(statement, { minLength: 1, maxLength: 5 });

  test("one more deny never allows, one more allow never denies; order does not matter", () => {
    fc.assert(
      fc.property(set, statement, action, fc.constantFrom("*", SUBNET, ENI), (statements, more, asked, resource) => {
        const before = decided({ identity: [named(statements)] }, asked, resource);
        const after = decided({ identity: [named([...statements, more])] }, asked, resource);
        if (more.Effect === "Deny") expect(before === "allowed" || after !== "allowed").toBe(true);
        else expect(after === before || (before.startsWith("implicit") && after === "allowed")).toBe(true);
        expect(decided({ identity: [named(statements.toReversed())] }, asked, resource)).toBe(before);
        expect(decided({ identity: statements.map((one) => named(one)) }, asked, resource)).toBe(before);
      }),
    );
  });

  test("a plain operator and its negation disagree on one value that is there", () => {
    const pairs = fc.constantFrom(["StringEquals", "StringNotEquals"], ["StringLike", "StringNotLike"], ["ArnLike", "ArnNotLike"]);
    fc.assert(
      fc.property(pairs, glob, text, ([plain = "", negated = ""], value, found) => {
        const by = (operator: string): string =>
          decided(
            { identity: [named({ Effect: "Allow", Action: "*", Resource: "*", Condition: { [operator]: { "a:k": value } } })] },
            "a:b",
            "*",
            {
              "a:k": found,
            },
          );
        expect(by(plain) === "allowed").toBe(by(negated) !== "allowed");
      }),
    );
  });
});
