import { fc, test as property } from "@fast-check/vitest";
import { createHash, createPublicKey, generateKeyPairSync, sign as signRaw } from "node:crypto";
import { createManualClock } from "@slash28/testkit";
import type { KubeObject } from "@slash28/ports";
import { describe, expect, test } from "vitest";

import type { ClusterKeys } from "../../../src/kubernetes/api-server/index.ts";
import { body, RESOURCE, startInProcess, type InProcess } from "./in-process.ts";

const ACCOUNTS = { group: "", version: "v1", plural: "serviceaccounts" };
const SECRETS = { group: "", version: "v1", plural: "secrets" };
const SELF = { namespace: "default", name: "default" };
const START = Date.UTC(2030, 0, 1);

function aPod(name: string, spec: object = {}): Parameters<InProcess["api"]["kube"]["create"]>[1] {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "main", image: "nginx" }], ...spec },
  };
}

function part(token: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString()) as Record<string, unknown>;
}

function withPart(token: string, index: number, change: object): string {
  const parts = token.split(".");
  parts[index] = Buffer.from(JSON.stringify({ ...part(token, index), ...change })).toString("base64url");
  return parts.join(".");
}

async function reviewed({ json }: InProcess, token: string, audiences?: readonly string[]): Promise<Record<string, unknown>> {
  const spec = { token, ...(audiences === undefined ? {} : { audiences }) };
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec };
  return (await json("/apis/authentication.k8s.io/v1/tokenreviews", body(review)))["status"] as Record<string, unknown>;
}

async function request(server: InProcess, spec: object, account = "default"): Promise<Record<string, unknown>> {
  const path = `/api/v1/namespaces/default/serviceaccounts/${account}/token`;
  return server.json(path, body({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec }));
}

describe("bound tokens", () => {
  test("end with the pod they were made for, and with their account", async () => {
    const clock = createManualClock(START);
    const server = await startInProcess({}, clock);
    const { api } = server;
    const pod = await api.kube.create(RESOURCE.pods, aPod("p"));
    const { token } = await api.issueToken(SELF, { pod: { name: "p", uid: pod.metadata.uid ?? "" } });
    expect(part(token, 1)["kubernetes.io"]).toEqual({
      namespace: "default",
      pod: { name: "p", uid: pod.metadata.uid },
      serviceaccount: { name: "default", uid: expect.any(String) as unknown },
    });
    const identity = await api.authenticate(token);
    expect(identity?.groups).toEqual(["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]);
    expect(identity?.extra?.["authentication.kubernetes.io/pod-name"]).toEqual(["p"]);
    await api.kube.delete(RESOURCE.pods, "p", "default", { gracePeriodSeconds: 0 });
    expect(await reviewed(server, token)).toEqual({ authenticated: false, error: "pod default/p, which the token was made for, is gone" });
    await api.kube.create(RESOURCE.pods, aPod("p"));
    expect((await reviewed(server, token))["authenticated"]).toBe(false);

    const free = await api.issueToken(SELF);
    expect((await reviewed(server, free.token))["authenticated"]).toBe(true);
    await api.kube.delete(ACCOUNTS, "default", "default");
    expect(await reviewed(server, free.token)).toEqual({
      authenticated: false,
      error: "service account default/default has been deleted",
    });
  });

  test("are asked for with limits: ten minutes at least, a day at most, a pod of that very account", async () => {
    const server = await startInProcess({}, createManualClock(START));
    await server.api.kube.create(ACCOUNTS, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot", namespace: "default" } });
    await server.api.kube.create(RESOURCE.pods, aPod("p"));
    expect(await request(server, { expirationSeconds: 60 })).toMatchObject({
      code: 422,
      message:
        'TokenRequest.authentication.k8s.io "default" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
    });
    expect((await request(server, { expirationSeconds: 2 ** 33 }))["code"]).toBe(422);
    expect((await request(server, { expirationSeconds: 999_999 }))["status"]).toMatchObject({
      expirationTimestamp: "2030-01-02T00:00:00Z",
    });
    const bound = { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p" } };
    expect((await request(server, bound))["status"]).toBeDefined();
    expect(await request(server, bound, "robot")).toMatchObject({ code: 400 });
    expect(await request(server, { boundObjectRef: { kind: "Pod", name: "p", uid: "other" } })).toMatchObject({ code: 409 });
    expect(await request(server, { boundObjectRef: { kind: "Pod", name: "q" } })).toMatchObject({ code: 404 });
    expect(await request(server, { boundObjectRef: { kind: "Dog", name: "q" } })).toMatchObject({ code: 400 });
    expect(await request(server, {}, "nobody")).toMatchObject({ code: 404 });
    expect(server.failures).toEqual([]);
  });

  test("are good for the audiences they ask for", async () => {
    const server = await startInProcess({ issuer: "https://oidc.eks.us-east-1.amazonaws.com/id/ABC" });
    const own = await server.api.issueToken(SELF);
    expect(part(own.token, 1)).toMatchObject({
      aud: ["https://kubernetes.default.svc"],
      iss: "https://oidc.eks.us-east-1.amazonaws.com/id/ABC",
    });
    expect(await reviewed(server, own.token)).toMatchObject({ authenticated: true, audiences: ["https://kubernetes.default.svc"] });
    const { token } = await server.api.issueToken(SELF, { audiences: ["sts.amazonaws.com"] });
    expect(await reviewed(server, token)).toEqual({
      authenticated: false,
      error:
        'the token is for "sts.amazonaws.com", not for "https://kubernetes.default.svc", "https://oidc.eks.us-east-1.amazonaws.com/id/ABC"',
    });
    expect(await reviewed(server, token, ["sts.amazonaws.com", "other"])).toMatchObject({
      authenticated: true,
      audiences: ["sts.amazonaws.com"],
    });
  });
});

describe("keys", () => {
  test("are named as Kubernetes names them, shown to everyone, and verify what was signed", async () => {
    const { api } = await startInProcess();
    const { token } = await api.issueToken(SELF);
    const anonymous = async (path: string): Promise<Record<string, unknown>> =>
      (await (await api.handle(new Request(`https://kube${path}`), undefined)).json()) as Record<string, unknown>;
    const { keys } = (await anonymous("/openid/v1/jwks")) as { keys: [Record<string, string>] };
    expect(Object.keys(keys[0]).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    const der = createPublicKey({ key: keys[0], format: "jwk" }).export({ type: "spki", format: "der" });
    expect(keys[0]["kid"]).toBe(createHash("sha256").update(der).digest("base64url"));
    expect(part(token, 0)).toEqual({ alg: "RS256", kid: keys[0]["kid"] });
    expect(await api.keySet()).toEqual({ keys });
    expect(await anonymous("/.well-known/openid-configuration")).toEqual({
      issuer: "https://kubernetes.default.svc",
      jwks_uri: "https://kubernetes.default.svc/openid/v1/jwks",
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      claims_supported: ["sub", "iss"],
    });
  });

  test("outlive the server, with tokens, kubeconfigs and the keys before a rotation", async () => {
    const clock = createManualClock(START);
    let kept: ClusterKeys | undefined;
    const keys = (): NonNullable<Parameters<typeof startInProcess>[0]>["keys"] => ({ saved: kept, keep: (value) => (kept = value) });
    const first = await startInProcess({ keys: keys(), newUid: () => "same" }, clock);
    const old = await first.api.issueToken(SELF, { expirationSeconds: 86_400 });
    await first.api.rotateSigningKey();
    const fresh = await first.api.issueToken(SELF, { expirationSeconds: 86_400 });
    expect(part(old.token, 0)["kid"]).not.toBe(part(fresh.token, 0)["kid"]);
    await first.api.close();
    // What is kept is JSON, and of a key that signs no more only the public part.
    kept = JSON.parse(JSON.stringify(kept)) as ClusterKeys;
    expect(kept.signing?.map(({ jwk }) => jwk.d !== undefined)).toEqual([false, true]);
    const second = await startInProcess({ keys: keys(), newUid: () => "same" }, clock);
    expect(second.api.caPem).toBe(first.api.caPem);
    expect((await second.api.authenticate(old.token))?.name).toBe("system:serviceaccount:default:default");
    expect((await second.api.authenticate(fresh.token))?.name).toBe("system:serviceaccount:default:default");
    expect(part((await second.api.issueToken(SELF)).token, 0)["kid"]).toBe(part(fresh.token, 0)["kid"]);
    await clock.advance(86_400_000);
    await second.api.rotateSigningKey();
    await clock.advance(1);
    expect(await second.api.authenticate(fresh.token)).toBeUndefined();
  });
});

describe("tokens in Secrets", () => {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/service-account-token",
    metadata: { name: "long", namespace: "default", annotations: { "kubernetes.io/service-account.name": "default" } },
  };

  async function filled({ api }: InProcess): Promise<string> {
    for await (const event of api.kube.watch(SECRETS, "", { namespace: "default" })) {
      const data = (event as { object?: KubeObject }).object?.["data"] as Record<string, string> | undefined;
      if (data?.["token"] === undefined) continue;
      expect(Buffer.from(data["ca.crt"] ?? "", "base64").toString()).toBe(api.caPem);
      return Buffer.from(data["token"], "base64").toString();
    }
    throw new Error("the watch ended");
  }

  test("are filled in, have no end, and are void with their Secret or account", async () => {
    const clock = createManualClock(START);
    const server = await startInProcess({}, clock);
    await server.api.rotateSigningKey();
    await server.api.kube.create(SECRETS, secret);
    const token = await filled(server);
    expect((await server.api.authenticate(token))?.name).toBe("system:serviceaccount:default:default");
    await clock.advance(365 * 86_400_000);
    expect((await server.api.authenticate(token))?.name).toBe("system:serviceaccount:default:default");
    await server.api.kube.delete(SECRETS, "long", "default");
    expect(await reviewed(server, token)).toMatchObject({ authenticated: false, error: expect.stringContaining("is gone") as unknown });
    await server.api.kube.create(SECRETS, secret);
    await filled(server);
    await server.api.kube.delete(ACCOUNTS, "default", "default");
    expect(await server.api.kube.get(SECRETS, "long", "default")).toBeUndefined();
  });
});

describe("tokens that are none", () => {
  test("each is refused with what is wrong with it", async () => {
    const clock = createManualClock(START);
    const server = await startInProcess({}, clock);
    const { token } = await server.api.issueToken(SELF, { expirationSeconds: 600 });
    const fault = async (bad: string): Promise<unknown> => (await reviewed(server, bad))["error"];
    const [head = "", claims = ""] = token.split(".");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
    expect(await fault(none)).toBe("the token is not signed with RS256");
    expect(await fault(withPart(token, 0, { alg: "HS256" }))).toBe("the token is not signed with RS256");
    expect(await fault(withPart(token, 0, { kid: "other" }))).toBe("the token is signed with a key that this cluster does not have");
    expect(await fault(withPart(token, 0, { kid: undefined }))).toBe("the token is signed with a key that this cluster does not have");
    expect(await fault(withPart(token, 1, { sub: "system:serviceaccount:kube-system:default" }))).toBe(
      "the token's signature does not hold",
    );
    expect(await fault(withPart(token, 1, { exp: 9_999_999_999 }))).toBe("the token's signature does not hold");
    expect(await fault(withPart(token, 1, { iss: "https://elsewhere" }))).toBe("the token is none of this cluster");
    expect(await fault(`${head}.${claims}.`)).toBe("the token's signature does not hold");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const forged = `${head}.${claims}.${signRaw("RSA-SHA256", Buffer.from(`${head}.${claims}`), privateKey).toString("base64url")}`;
    expect(await fault(forged)).toBe("the token's signature does not hold");
    expect(await fault("not a token")).toBe("the token is none of this cluster");
    await clock.advance(600_000);
    expect(await fault(token)).toBe("the token expired at 2030-01-01T00:10:00Z");
    expect(server.failures).toEqual([]);
  });

  test("a token that others know is asked for last, and refused while they cannot tell", async () => {
    let isDown = false;
    const server = await startInProcess({
      identifyToken: async (token) => {
        if (isDown) throw new Error("STS does not answer");
        return token.startsWith("k8s-aws-v1.") ? { name: "arn:aws:iam::1:user/ann", groups: ["system:authenticated"] } : undefined;
      },
    });
    expect((await server.api.authenticate("k8s-aws-v1.abc"))?.name).toBe("arn:aws:iam::1:user/ann");
    expect(await server.api.authenticate("other")).toBeUndefined();
    isDown = true;
    expect(await server.api.authenticate("k8s-aws-v1.abc")).toBeUndefined();
  });

  let shared: Promise<{ readonly server: InProcess; readonly token: string }> | undefined;
  const once = (): NonNullable<typeof shared> =>
    (shared ??= startInProcess().then(async (server) => ({ server, token: (await server.api.issueToken(SELF)).token })));

  property.prop([fc.nat(), fc.string({ minLength: 1, maxLength: 4 }), fc.nat({ max: 3 })], { numRuns: 200 })(
    "a token that differs in anything is nobody's, and never an error of the server",
    async (where, text, cut) => {
      const { server, token } = await once();
      const at = where % token.length;
      const changed = token.slice(0, at) + text + token.slice(at + cut);
      // The last character of a base64url part has bits that mean nothing.
      const isSame = changed
        .split(".")
        .every((one, index) => Buffer.from(one, "base64url").equals(Buffer.from(token.split(".")[index] ?? "", "base64url")));
      if (isSame && changed.split(".").length === 3) return;
      expect(await server.api.authenticate(changed)).toBeUndefined();
      expect(server.failures).toEqual([]);
    },
  );

  property.prop([fc.json()], { numRuns: 200 })("no body of a review or request for a token is an error of the server", async (text) => {
    const { server } = await once();
    const send = (path: string): Promise<Response> =>
      server.fetch(path, { method: "POST", body: text, headers: { "content-type": "application/json" } });
    for (const path of [
      "/apis/authentication.k8s.io/v1/tokenreviews",
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      "/api/v1/namespaces/default/serviceaccounts/default/token",
    ]) {
      expect((await send(path)).status, path).toBeLessThan(500);
    }
  });
});
