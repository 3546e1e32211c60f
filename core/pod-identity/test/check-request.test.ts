import { describe, expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import { checkRequest, type CheckedRequest } from "../src/index.ts";
import { aToken, decode, NOW_MS } from "./a-token.ts";

const check = (request: { host?: string; authorization?: string }): CheckedRequest =>
  checkRequest({ host: "169.254.170.23", authorization: aToken(), ...request }, NOW_MS, decode);
const statusOf = (checked: CheckedRequest): number => (checked.ok ? 200 : checked.status);

describe("the Host header", () => {
  test.each([
    ["169.254.170.23", 200],
    ["169.254.170.23:80", 200],
    ["fd00:ec2::23", 200],
    ["[fd00:ec2::23]", 200],
    ["[fd00:ec2::23]:80", 200],
    ["[FD00:EC2::23]:80", 200],
    ["localhost", 403],
    ["127.0.0.1:80", 403],
    ["169.254.170.23.attacker.example", 403],
    ["169.254.170.23:80:80", 403],
    ["", 403],
  ])("%s answers %i", (host, status) => {
    expect(statusOf(check({ host }))).toBe(status);
  });

  test("a wrong one is told, and what would be right", () => {
    expect(check({ host: "evil.example" })).toMatchObject({
      message: expect.stringMatching(/^Access Denied\..*169\.254\.170\.23, fd00:ec2::23.*evil\.example/),
    });
  });
});

describe("the token", () => {
  const at = NOW_MS / 1_000;
  test.each([
    ["none", "", "is empty"],
    ["no JWT", "abc", "JSON Web Token"],
    ["a scheme before it", `Bearer ${aToken()}`, "without a scheme"],
    ["two parts", aToken().split(".").slice(0, 2).join("."), "JSON Web Token"],
    ["no algorithm", aToken({}, { alg: "none" }), "JSON Web Token"],
    ["a payload that is a list", [aToken().split(".")[0], Buffer.from("[]").toString("base64url"), "c2ln"].join("."), "JSON Web Token"],
    ["expired", aToken({ exp: at }), "has expired"],
    ["from the future", aToken({ nbf: at + 1 }), "not valid yet"],
  ])("%s is refused", (_, authorization, why) => {
    expect(check({ authorization })).toMatchObject({ ok: false, status: 400, message: expect.stringContaining(why) });
  });

  test("tokens of one pod are known as such, those of two are not, and the cluster counts", () => {
    const holder = (claims: object): string => {
      const checked = check({ authorization: aToken(claims) });
      return checked.ok ? checked.token.holder : "refused";
    };
    const bound = (uid: string): object => ({ "kubernetes.io": { pod: { name: "web", uid } } });
    expect(holder({ ...bound("1"), exp: at + 10 })).toBe(holder({ ...bound("1"), exp: at + 20 }));
    expect(holder(bound("1"))).not.toBe(holder(bound("2")));
    expect(holder({ ...bound("1"), iss: "https://another" })).not.toBe(holder(bound("1")));
    expect(holder({ "kubernetes.io": null, sub: "system:serviceaccount:a:b" })).not.toBe("refused");
  });

  property.prop([fc.string({ unit: "binary" })])("whatever it is, it is answered", (authorization) => {
    expect([200, 400]).toContain(statusOf(check({ authorization })));
  });
});
