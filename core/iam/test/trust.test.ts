import { expect, test } from "vitest";
import { contextOf, evaluateTrust, readPolicy, type TrustedParty } from "../src/index.ts";
import { ACCOUNT_ID, given, trusting } from "./an-account.ts";

const ROOT = `arn:aws:iam::${ACCOUNT_ID}:root`;
const ROLE = `arn:aws:iam::${ACCOUNT_ID}:role/app`;
const SESSION = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/app/one`;
const session: TrustedParty = { kind: "AWS", names: [SESSION, ROLE], accountRoot: ROOT };
const pods: TrustedParty = { kind: "Service", names: ["pods.eks.amazonaws.com"] };
const ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/ABC";
const PROVIDER = `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${ISSUER}`;
const web: TrustedParty = { kind: "Federated", names: [PROVIDER] };
const WEB = "sts:AssumeRoleWithWebIdentity";

function judged(policy: string, party: TrustedParty, action = "sts:AssumeRole", keys: Readonly<Record<string, string>> = {}): string {
  return evaluateTrust(given(readPolicy(policy, "trust")), party, action, contextOf(Object.entries(keys)));
}

test("a role or its session by name; the account leaves it to the caller's policies", () => {
  expect(judged(trusting({ AWS: ROLE }), session)).toBe("trusted");
  expect(judged(trusting({ AWS: SESSION }), session)).toBe("trusted");
  expect(judged(trusting({ AWS: ACCOUNT_ID }), session)).toBe("trusted-by-account");
  expect(judged(trusting({ AWS: "210987654321" }), session)).toBe("not-trusted");
  expect(judged(trusting("*" as unknown as object), session)).toBe("trusted");
});

test("a service, for the actions it is given", () => {
  const policy = trusting({ Service: "pods.eks.amazonaws.com" }, { Action: ["sts:AssumeRole", "sts:TagSession"] });
  expect(judged(policy, pods)).toBe("trusted");
  expect(judged(policy, pods, "sts:TagSession")).toBe("trusted");
  expect(judged(trusting({ Service: "pods.eks.amazonaws.com" }), pods, "sts:TagSession")).toBe("not-trusted");
  expect(judged(policy, { kind: "Service", names: ["ec2.amazonaws.com"] })).toBe("not-trusted");
});

test("a web identity by audience and subject; a wrong subject is not trusted", () => {
  const StringEquals = { [`${ISSUER}:aud`]: "sts.amazonaws.com", [`${ISSUER}:sub`]: "system:serviceaccount:web:api" };
  const policy = trusting({ Federated: PROVIDER }, { Action: WEB, Condition: { StringEquals } });
  const token = { [`${ISSUER}:aud`]: "sts.amazonaws.com", [`${ISSUER}:sub`]: "system:serviceaccount:web:api" };
  expect(judged(policy, web, WEB, token)).toBe("trusted");
  expect(judged(policy, web, WEB, { ...token, [`${ISSUER}:sub`]: "system:serviceaccount:web:other" })).toBe("not-trusted");
  expect(judged(policy, web, "sts:AssumeRole", token)).toBe("not-trusted");
  expect(judged(policy, { kind: "Federated", names: [`${PROVIDER}X`] }, WEB, token)).toBe("not-trusted");
});

test("a deny wins; NotPrincipal denies everyone else", () => {
  const allow = { Effect: "Allow", Principal: { AWS: ROOT }, Action: "sts:AssumeRole" };
  const deny = (element: object): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [allow, { Effect: "Deny", Action: "sts:AssumeRole", ...element }] });
  expect(judged(deny({ Principal: { AWS: ROLE } }), session)).toBe("explicit-deny");
  expect(judged(deny({ NotPrincipal: { AWS: [ROLE, ROOT] } }), session)).toBe("trusted-by-account");
  expect(judged(deny({ NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:role/other` } }), session)).toBe("explicit-deny");
});

test("an external id", () => {
  const policy = trusting({ AWS: ROLE }, { Condition: { StringEquals: { "sts:ExternalId": "42" } } });
  expect(judged(policy, session, "sts:AssumeRole", { "sts:ExternalId": "42" })).toBe("trusted");
  expect(judged(policy, session)).toBe("not-trusted");
});
