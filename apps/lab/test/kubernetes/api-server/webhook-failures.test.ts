import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";

import { createAuthority } from "../../../src/kubernetes/api-server/certificates/authority.ts";
import { answerOf } from "../../../src/kubernetes/api-server/webhooks/admission-review.ts";
import { webhookClusterOfTests, VALIDATING } from "./webhook-cluster.ts";

const { authority, hook, register, unregister, create } = await webhookClusterOfTests();

describe("webhooks that fail", () => {
  const tried = async (change: Record<string, unknown>): Promise<string> => {
    await register(VALIDATING, "fails", [change]);
    const { json } = await create();
    await unregister();
    return typeof json["message"] === "string" ? json["message"] : "stored";
  };
  const said = (why: string): string => `Internal error occurred: failed calling webhook "w0.fails.example.com": ${why}`;
  const POST = 'Post "https://hooks.tools.svc:443/fails?timeout=10s"';

  test.each<[string, (review: { uid: string }) => unknown, string]>([
    ["no JSON", () => "hello", "the answer is no JSON object"],
    [
      "another kind",
      () => ({ apiVersion: "v1", kind: "Pod" }),
      "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got v1, Kind=Pod",
    ],
    ["no response", () => ({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" }), "webhook response was absent"],
    ["another review's answer", () => reply({ uid: "x", allowed: true }), 'expected response.uid="'],
    ["no verdict", ({ uid }) => reply({ uid, allowed: "yes" }), "response.allowed is neither true nor false"],
    [
      "a patch of another type",
      ({ uid }) => reply({ uid, allowed: true, patch: "e30=", patchType: "Merge" }),
      'response.patchType must be JSONPatch, got "Merge"',
    ],
    [
      "a patch that is none",
      ({ uid }) => reply({ uid, allowed: true, patch: "e30=", patchType: "JSONPatch" }),
      "response.patch is not a list of operations",
    ],
  ])("%s: stops the write, or is passed over", async (_name, make, why) => {
    hook.answer("/fails", ({ request }, outgoing) => {
      outgoing.writeHead(200).end(JSON.stringify(make(request)));
      return undefined;
    });
    expect(await tried({})).toContain(said(why));
    expect(await tried({ failurePolicy: "Ignore" })).toBe("stored");
  });

  test("slow, large, broken and absent ones", async () => {
    hook.answer("/fails", () => undefined);
    expect(await tried({ timeoutSeconds: 1 })).toBe(
      said('failed to call webhook: Post "https://hooks.tools.svc:443/fails?timeout=1s": context deadline exceeded'),
    );
    hook.answer("/fails", (_review, outgoing) => void outgoing.writeHead(500).end("broken"));
    expect(await tried({})).toBe(said(`failed to call webhook: ${POST}: the server answered 500: broken`));
    hook.answer("/fails", (_review, outgoing) => void outgoing.writeHead(200).end(Buffer.alloc(9 * 1024 * 1024, "x")));
    expect(await tried({})).toContain("the answer is larger than 8388608 bytes");
    hook.answer("/fails", (_review, outgoing) => void outgoing.destroy());
    expect(await tried({})).toContain("socket hang up");
    const caBundle = Buffer.from(authority.caPem).toString("base64");
    const service = (change: object): object => ({
      clientConfig: { caBundle, service: { name: "hooks", namespace: "tools", path: "/fails", ...change } },
    });
    expect(await tried({ ...service({ name: "nobody" }) })).toContain('service "nobody" not found');
    expect(await tried({ ...service({ port: 444 }) })).toContain('no service port 444 found for service "hooks"');
    const stranger = await createAuthority(Date.now());
    const clientConfig = {
      caBundle: Buffer.from(stranger.caPem).toString("base64"),
      service: { name: "hooks", namespace: "tools", path: "/fails" },
    };
    expect(await tried({ clientConfig })).toMatch(/certificate/);
    expect(await tried({ clientConfig: { caBundle, url: "https://127.0.0.1:1/fails" } })).toContain("ECONNREFUSED");
    hook.answer("/fails", () => ({ allowed: true }));
    expect(await tried({ clientConfig: { caBundle, url: `https://127.0.0.1:${hook.port}/fails` } })).toBe("stored");
    expect(await tried({ clientConfig: { caBundle, url: `https://localhost:${hook.port}/fails` } })).toMatch(/Hostname|altnames/);
  });

  test("a condition that cannot be told counts as the failure policy says", async () => {
    hook.answer("/fails", () => ({ allowed: true }));
    const matchConditions = [{ name: "c", expression: "object.spec.replicas > 1" }];
    expect(await tried({ matchConditions })).toContain(
      'admission webhook "w0.fails.example.com" cannot be matched: matchCondition "c": No such key: spec',
    );
    expect(await tried({ matchConditions, failurePolicy: "Ignore" })).toBe("stored");
  });

  property.prop([fc.json()], { numRuns: 300 })("no answer is believed that is not one", (text) => {
    const answer = answerOf(JSON.parse(text), "the-uid");
    expect(answer.kind).toBe("odd");
  });

  property.prop(
    [
      fc.record({
        uid: fc.constant("u"),
        allowed: fc.constantFrom(true, false),
        patch: fc.anything(),
        patchType: fc.anything(),
        status: fc.anything(),
        warnings: fc.anything(),
      }),
    ],
    { numRuns: 300 },
  )("whatever stands in an answer, it reads as one of the three", (response) => {
    const answer = answerOf({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response }, "u");
    expect(["allowed", "denied", "odd"]).toContain(answer.kind);
    if (!response.allowed) expect(answer.kind).not.toBe("allowed");
  });
});

function reply(response: object): object {
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
}
