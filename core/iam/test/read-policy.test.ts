import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AWS_MANAGED_POLICIES, countedLength, readPolicy } from "../src/index.ts";
import { refusal } from "./an-account.ts";

const policy = (statement: unknown, version: unknown = "2012-10-17"): string => JSON.stringify({ Version: version, Statement: statement });
const allow = { Effect: "Allow", Action: "ec2:*", Resource: "*" };
const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } };

test("reads a policy in every form the grammar has", () => {
  const read = readPolicy(
    policy([
      {
        ...allow,
        Sid: "One",
        Action: ["EC2:Describe*", "iam:PassRole"],
        Condition: { StringEqualsIfExists: { "aws:RequestTag/A": ["x", "y"] } },
      },
      { Effect: "Deny", NotAction: "sts:*", NotResource: "arn:aws:s3:::b/*", Condition: { "ForAnyValue:Bool": { "aws:X": true } } },
    ]),
    "identity",
  );
  expect(read).toEqual({
    ok: true,
    value: {
      version: "2012-10-17",
      statements: [
        {
          sid: "One",
          effect: "Allow",
          actions: ["ec2:describe*", "iam:passrole"],
          resources: ["*"],
          conditions: [{ operator: "StringEquals", ifExists: true, key: "aws:requesttag/a", values: ["x", "y"] }],
        },
        {
          effect: "Deny",
          notActions: ["sts:*"],
          notResources: ["arn:aws:s3:::b/*"],
          conditions: [{ operator: "Bool", set: "any", ifExists: false, key: "aws:x", values: ["true"] }],
        },
      ],
    },
  });
});

test.each([
  ["no JSON", "{", "This policy contains invalid Json"],
  ["a list", "[]", "Syntax errors in policy."],
  ["no statement", "{}", "Syntax errors in policy. Missing required field Statement"],
  ["a strange version", policy(allow, "2020-01-01"), "The policy must contain a valid version string"],
  ["no effect", policy({ Action: "ec2:*", Resource: "*" }), "Missing required field Effect"],
  ["a wrong effect", policy({ ...allow, Effect: "allow" }), "Invalid effect: allow"],
  ["no action", policy({ Effect: "Allow", Resource: "*" }), "Policy statement must contain actions."],
  [
    "an action without a service",
    policy({ ...allow, Action: "Describe*" }),
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
  ],
  ["no resource", policy({ Effect: "Allow", Action: "ec2:*" }), "Policy statement must contain resources."],
  ["a resource that is no ARN", policy({ ...allow, Resource: "bucket" }), 'Resource bucket must be in ARN format or "*".'],
  ["a principal", policy({ ...allow, Principal: "*" }), "Policy document should not specify a principal."],
  ["an unknown operator", policy({ ...allow, Condition: { StringIs: { "a:b": "c" } } }), "Invalid Condition type : StringIs."],
  [
    "a number that is none",
    policy({ ...allow, Condition: { NumericEquals: { "a:b": "c" } } }),
    'Invalid value "c" for condition operator NumericEquals.',
  ],
  [
    "the same Sid twice",
    policy([
      { ...allow, Sid: "A" },
      { ...allow, Sid: "A" },
    ]),
    "Statement IDs (SID) in a single policy must be unique.",
  ],
])("refuses %s in an identity policy", (_, text, message) => {
  expect(refusal(readPolicy(text, "identity"))).toBe(`MalformedPolicyDocument: ${message}`);
});

test.each([
  ["a resource", policy({ ...trust, Resource: "*" }), "Has prohibited field Resource"],
  ["no principal", policy({ Effect: "Allow", Action: "sts:AssumeRole" }), "Missing required field Principal"],
  [
    "an action of another service",
    policy({ ...trust, Action: "ec2:RunInstances" }),
    "AssumeRole policy may only specify STS AssumeRole actions.",
  ],
  [
    "a wrong principal",
    policy({ ...trust, Principal: { AWS: "arn:aws:iam::123456789012:role/*" } }),
    'Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/*"',
  ],
  ["a service that is none", policy({ ...trust, Principal: { Service: "nobody" } }), 'Invalid principal in policy: "Service":"nobody"'],
  [
    "a provider that is none",
    policy({ ...trust, Principal: { Federated: "arn:aws:iam::1:x" } }),
    "Federated principals must be valid domain names or SAML metadata ARNs",
  ],
])("refuses %s in a trust policy", (_, text, message) => {
  expect(refusal(readPolicy(text, "trust"))).toBe(`MalformedPolicyDocument: ${message}`);
});

test("an account's id stands for its root", () => {
  const read = readPolicy(policy({ ...trust, Principal: { AWS: "123456789012" } }), "trust");
  expect(read.ok && read.value.statements[0]?.principal).toEqual({ AWS: ["arn:aws:iam::123456789012:root"] });
});

test("white space outside of strings is not counted", () => {
  expect(countedLength('{ "a b" :\n "c\\" d" }')).toBe('{"a b":"c\\" d"}'.length);
});

test.each([...AWS_MANAGED_POLICIES.values()])("$arn reads", ({ versions }) => {
  expect(refusal(readPolicy(versions[0]?.document ?? "", "identity"))).toBe("it was not refused");
});

describe("whatever it is given", () => {
  const fragments = fc.constantFrom(
    "Version",
    "Statement",
    "Effect",
    "Allow",
    "Action",
    "ec2:*",
    "Resource",
    "*",
    "Principal",
    "AWS",
    "Condition",
    "StringLike",
    "aws:x",
    "__proto__",
  );
  test("reading answers with a value or a refusal, and never throws", () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    const near = fc.dictionary(fragments, fc.oneof(fragments, json, fc.array(fc.dictionary(fragments, fc.oneof(fragments, json)))));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((value) => JSON.stringify(value)),
        ),
        fc.constantFrom("identity", "trust"),
        (text, use) => {
          const read = readPolicy(text, use);
          expect(read.ok || read.error.code).toBe(read.ok ? true : "MalformedPolicyDocument");
        },
      ),
    );
  });
});
