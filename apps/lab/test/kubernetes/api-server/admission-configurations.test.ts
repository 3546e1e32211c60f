import type { KubeObject } from "@slash28/ports";
import { describe, expect, test } from "vitest";

import { body } from "./in-process.ts";
import { ALL_MAPS, MUTATING, webhookClusterOfTests } from "./webhook-cluster.ts";

const { server, made, register, create } = await webhookClusterOfTests();

describe("configurations", () => {
  test("get their defaults, and are refused when they cannot work", async () => {
    await register(MUTATING, "defaults", [{}]);
    const stored = await server.api.kube.get(MUTATING, "defaults");
    expect(stored?.["webhooks"]).toMatchObject([
      {
        failurePolicy: "Fail",
        matchPolicy: "Equivalent",
        timeoutSeconds: 10,
        reinvocationPolicy: "Never",
        namespaceSelector: {},
        rules: [{ scope: "*" }],
        clientConfig: { service: { port: 443 } },
      },
    ]);
    const refused = async (change: object): Promise<string> => {
      const webhook = {
        name: "a.b.c",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        clientConfig: { url: "https://x/y" },
        rules: [ALL_MAPS],
        ...change,
      };
      const object = {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingWebhookConfiguration",
        metadata: { name: "bad" },
        webhooks: [webhook],
      };
      return String((await server.json("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", body(object)))["message"]);
    };
    expect(await refused({ name: "short" })).toContain("should be a domain with at least three segments");
    expect(await refused({ sideEffects: "Some" })).toContain('webhooks[0].sideEffects: Unsupported value: "Some"');
    expect(await refused({ admissionReviewVersions: ["v2"] })).toContain("must include v1");
    expect(await refused({ timeoutSeconds: 31 })).toContain("webhooks[0].timeoutSeconds: Invalid value: 31");
    expect(await refused({ clientConfig: {} })).toContain("exactly one of url or service is required");
    expect(await refused({ clientConfig: { url: "http://x" } })).toContain("'https' is the only allowed URL scheme");
    expect(await refused({ rules: [{ operations: ["MAKE"] }] })).toContain('Unsupported value: "MAKE"');
    expect(await refused({ rules: [{ ...ALL_MAPS, operations: ["CREATE", "MAKE"] }] })).toContain(
      'webhooks[0].rules[0].operations[1]: Unsupported value: "MAKE"',
    );
    expect(await refused({ matchConditions: [{ name: "c", expression: "1 +" }] })).toContain("compilation failed");
  });
});

describe("policies", () => {
  const POLICIES = { group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicies" };
  const BINDINGS = { group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicybindings" };

  test("refuse, or warn, by expressions over the object", async () => {
    made.push({ resource: POLICIES, name: "few" }, { resource: BINDINGS, name: "few-everywhere" });
    await server.api.kube.create(POLICIES, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "few" },
      spec: {
        matchConstraints: { resourceRules: [{ ...ALL_MAPS, operations: ["CREATE"] }] },
        variables: [{ name: "keys", expression: "has(object.data) ? size(object.data) : 0" }],
        validations: [{ expression: "variables.keys <= 2", messageExpression: "'too many keys: ' + string(variables.keys)" }],
      },
    });
    const bind = (validationActions: readonly string[]): Promise<KubeObject> =>
      server.api.kube.create(BINDINGS, {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name: "few-everywhere" },
        spec: { policyName: "few", validationActions },
      });
    const many = { a: "1", b: "2", c: "3" };
    expect((await create(many)).status).toBe(201);
    await bind(["Deny"]);
    expect((await create({ a: "1" })).status).toBe(201);
    const refused = await create(many);
    expect(refused).toMatchObject({
      status: 422,
      json: {
        message: `configmaps "${refused.asked}" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few-everywhere' denied request: too many keys: 3`,
      },
    });
    await server.api.kube.delete(BINDINGS, "few-everywhere");
    await bind(["Warn"]);
    expect(await create(many)).toMatchObject({ status: 201, warnings: expect.stringContaining("too many keys: 3") as unknown });
  });

  test("a binding's action that is none is named by its place", async () => {
    const binding = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "odd" },
      spec: { policyName: "few", validationActions: ["Audit", "Log"] },
    };
    const { message } = await server.json("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", body(binding));
    expect(message).toContain('spec.validationActions[1]: Unsupported value: "Log"');
  });
});
