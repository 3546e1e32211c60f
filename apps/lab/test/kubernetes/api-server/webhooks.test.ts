import { fc, test as property } from "@fast-check/vitest";
import type { KubeObject } from "@slash28/ports";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { createAuthority, type Authority } from "../../../src/kubernetes/api-server/certificates/authority.ts";
import { answerOf } from "../../../src/kubernetes/api-server/webhooks/admission-review.ts";
import { body, RESOURCE, startInProcess, type InProcess } from "./in-process.ts";
import { patchOf, startWebhookServer, type WebhookServer } from "./webhook-server.ts";

const MUTATING = { group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingwebhookconfigurations" };
const VALIDATING = { group: "admissionregistration.k8s.io", version: "v1", plural: "validatingwebhookconfigurations" };
const SLICES = { group: "discovery.k8s.io", version: "v1", plural: "endpointslices" };
const EVENTS_RULE = { operations: ["CREATE"], apiGroups: ["events.k8s.io"], apiVersions: ["v1"], resources: ["events"] };
const ALL_MAPS = { operations: ["CREATE", "UPDATE", "DELETE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };

let server: InProcess;
let authority: Authority;
let hook: WebhookServer;
const made: { readonly resource: typeof MUTATING; readonly name: string }[] = [];

beforeAll(async () => {
  server = await startInProcess();
  authority = await createAuthority(Date.now());
  hook = await startWebhookServer(authority, ["hooks.tools.svc", "127.0.0.1"]);
  const { kube } = server.api;
  await kube.create(RESOURCE.namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "tools", labels: { team: "a" } } });
  await kube.create(RESOURCE.services, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "hooks", namespace: "tools" },
    spec: { ports: [{ name: "tls", port: 443, targetPort: hook.port }] },
  });
  await kube.create(SLICES, {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "hooks-1", namespace: "tools", labels: { "kubernetes.io/service-name": "hooks" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true }, nodeName: "node-a" }],
    ports: [{ name: "tls", port: hook.port, protocol: "TCP" }],
  });
});

afterEach(async () => {
  for (const { resource, name } of made.splice(0)) await server.api.kube.delete(resource, name);
  (hook.seen as unknown[]).length = 0;
});

afterAll(async () => {
  expect(server.failures).toEqual([]);
  await hook.close();
  await server.api.close();
});

async function register(resource: typeof MUTATING, name: string, webhooks: readonly Record<string, unknown>[]): Promise<void> {
  made.push({ resource, name });
  await server.api.kube.create(resource, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: resource === MUTATING ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration",
    metadata: { name },
    webhooks: webhooks.map((webhook, index) => ({
      name: `w${index}.${name}.example.com`,
      admissionReviewVersions: ["v1"],
      sideEffects: "None",
      rules: [ALL_MAPS],
      clientConfig: {
        caBundle: Buffer.from(authority.caPem).toString("base64"),
        service: { name: "hooks", namespace: "tools", path: `/${name}` },
      },
      ...webhook,
    })),
  });
}

function aMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
}

let count = 0;
async function create(
  data: Record<string, string> = {},
  query = "",
): Promise<{ status: number; json: Record<string, unknown>; warnings: string | null }> {
  const response = await server.fetch(`/api/v1/namespaces/default/configmaps${query}`, body(aMap(`map-${count++}`, data)));
  return { status: response.status, json: (await response.json()) as Record<string, unknown>, warnings: response.headers.get("warning") };
}

describe("mutating webhooks", () => {
  test("change an object before it is checked and stored, through the pods of a service", async () => {
    hook.answer("/adds", () => patchOf([{ op: "add", path: "/data/added", value: "yes" }]));
    await register(MUTATING, "adds", [{}]);
    const { json } = await create({ own: "1" });
    expect(json["data"]).toEqual({ own: "1", added: "yes" });
    const { path, review } = hook.seen[0] ?? { path: "", review: undefined };
    expect(path).toBe("/adds?timeout=10s");
    expect(review?.request).toMatchObject({
      operation: "CREATE",
      namespace: "default",
      dryRun: false,
      kind: { group: "", version: "v1", kind: "ConfigMap" },
      userInfo: { username: "admin", groups: ["system:masters"] },
      object: { kind: "ConfigMap", data: { own: "1" } },
      oldObject: null,
      options: { kind: "CreateOptions" },
    });
  });

  test("concern what controllers write as well, and defaults fill in what they add", async () => {
    hook.answer("/sidecar", () => patchOf([{ op: "add", path: "/spec/containers/-", value: { name: "side", image: "side" } }]));
    await register(MUTATING, "sidecar", [
      { rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }] },
    ]);
    const pod = await server.api.kube.create(RESOURCE.pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { generateName: "web-", name: "", namespace: "default" },
      spec: { containers: [{ name: "main", image: "nginx" }] },
    });
    const { containers } = pod["spec"] as { containers: readonly { name: string; imagePullPolicy?: string }[] };
    expect(containers.map(({ name, imagePullPolicy }) => [name, imagePullPolicy])).toEqual([
      ["main", "Always"],
      ["side", "Always"],
    ]);
    expect(hook.seen).toHaveLength(1);
    expect(hook.seen[0]?.review.request.userInfo.username).toBe("system:apiserver");
    expect(hook.seen[0]?.review.request.object?.["metadata"]).toMatchObject({ name: pod.metadata.name });
  });

  test("a patch that leaves no valid object is told as any invalid object is", async () => {
    hook.answer("/breaks", () => patchOf([{ op: "add", path: "/data", value: { "bad key!": "x" } }]));
    await register(MUTATING, "breaks", [{}]);
    const { status } = await create();
    expect([201, 422]).toContain(status);
    hook.answer("/breaks", () => patchOf([{ op: "replace", path: "/nowhere/at/all", value: 1 }]));
    expect((await create()).json["message"]).toMatch(
      /^Internal error occurred: failed calling webhook "w0\.breaks\.example\.com": .*there is no such value/,
    );
    hook.answer("/breaks", () => patchOf([{ op: "add", path: "/data", value: 7 }]));
    expect((await create()).status).toBe(500);
    hook.answer("/breaks", () =>
      patchOf([
        { op: "replace", path: "/metadata/name", value: "other" },
        { op: "add", path: "/metadata/labels", value: { a: "b" } },
      ]),
    );
    expect((await create()).json["metadata"]).toMatchObject({ name: `map-${count - 1}`, labels: { a: "b" } });
  });

  test("are asked again when a later one changed the object, if they want to be", async () => {
    const counts = { first: 0, second: 0 };
    hook.answer("/again", ({ request }) => {
      const data = request.object?.["data"] as Record<string, string>;
      const who = counts.first === counts.second ? "first" : "second";
      counts[who]++;
      return patchOf([{ op: "add", path: `/data/${who}-saw-${Object.keys(data).length}`, value: "x" }]);
    });
    await register(MUTATING, "again", [{ reinvocationPolicy: "IfNeeded" }, { reinvocationPolicy: "Never" }]);
    const { json } = await create({ own: "1" });
    expect(Object.keys(json["data"] as object).sort()).toEqual(["first-saw-1", "first-saw-3", "own", "second-saw-2"]);
    expect(hook.seen).toHaveLength(3);
  });

  test("are asked about the new state when somebody else changed the object meanwhile", async () => {
    await server.api.kube.create(RESOURCE.configMaps, aMap("raced", { n: "0" }));
    const seen: unknown[] = [];
    hook.answer("/race", async ({ request }) => {
      seen.push(request.oldObject?.["data"]);
      if (seen.length === 1) {
        await server.api.kube.patch(RESOURCE.namespaces, "default", undefined, {
          kind: "merge",
          body: { metadata: { labels: { x: "y" } } },
        });
        await server.api.kube.delete(VALIDATING, "nothing").catch(() => undefined);
        // The webhook's own write is not one it asks itself about.
        const other = await server.api.kube.get(RESOURCE.configMaps, "raced", "default");
        await server.api.kube.patch(RESOURCE.configMaps, "raced", "default", {
          kind: "merge",
          body: { metadata: { labels: { skip: "1" } }, data: { n: "9" } },
        });
        expect(other?.["data"]).toEqual({ n: "0" });
      }
      return patchOf([{ op: "add", path: "/data/mark", value: "m" }]);
    });
    await register(MUTATING, "race", [
      {
        matchConditions: [
          {
            name: "not-labelled",
            expression: "!has(object.metadata.labels) || !('skip' in object.metadata.labels) || 'more' in object.data",
          },
        ],
      },
    ]);
    const written = await server.api.kube.patch(RESOURCE.configMaps, "raced", "default", { kind: "merge", body: { data: { more: "1" } } });
    expect(written["data"]).toEqual({ n: "9", more: "1", mark: "m" });
    expect(seen).toEqual([{ n: "0" }, { n: "9" }]);
  });
});

describe("validating webhooks", () => {
  test("refuse with their words and code; warn whoever asks", async () => {
    hook.answer("/says", ({ request }) => {
      const data = request.object?.["data"] as Record<string, string> | undefined;
      if (data?.["say"] === "no") return { allowed: false, status: { code: 403, message: "no such thing here" } };
      if (data?.["say"] === "odd") return { allowed: false, status: { code: 422, message: "odd" } };
      if (data?.["say"] === "dumb") return { allowed: false };
      return { allowed: true, warnings: ["data is deprecated"] };
    });
    await register(VALIDATING, "says", [{}]);
    expect(await create({ say: "no" })).toMatchObject({
      status: 403,
      json: { message: 'admission webhook "w0.says.example.com" denied the request: no such thing here', reason: "Forbidden" },
    });
    expect(await create({ say: "odd" })).toMatchObject({ status: 422 });
    expect((await create({ say: "dumb" })).json["message"]).toBe(
      'admission webhook "w0.says.example.com" denied the request without explanation',
    );
    expect((await create()).warnings).toBe('299 - "data is deprecated"');
  });

  test("see the object as it will be stored, and have a say in deletion", async () => {
    const seen: unknown[] = [];
    hook.answer("/sees", ({ request }) => {
      seen.push([request.operation, (request.object ?? request.oldObject)?.["data"]]);
      return { allowed: request.operation !== "DELETE", status: { message: "keep it" } };
    });
    hook.answer("/first", () => patchOf([{ op: "add", path: "/data/m", value: "m" }]));
    await register(MUTATING, "first", [{ rules: [{ ...ALL_MAPS, operations: ["CREATE"] }] }]);
    await register(VALIDATING, "sees", [{}]);
    const { json } = await create({ own: "1" });
    const { name } = json["metadata"] as { name: string };
    expect(seen).toEqual([["CREATE", { own: "1", m: "m" }]]);
    const gone = await server.json(`/api/v1/namespaces/default/configmaps/${name}`, { method: "DELETE" });
    expect(gone).toMatchObject({ code: 403, message: 'admission webhook "w0.sees.example.com" denied the request: keep it' });
    expect(await server.api.kube.get(RESOURCE.configMaps, name, "default")).toBeDefined();
  });

  test("what was found good is what is stored, also where the server gives addresses", async () => {
    const seen: unknown[] = [];
    hook.answer("/services", ({ request }) => {
      seen.push(request.object?.["spec"]);
      return { allowed: true };
    });
    await register(VALIDATING, "services", [{ rules: [{ ...ALL_MAPS, resources: ["services"] }] }]);
    const service = await server.api.kube.create(RESOURCE.services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "addressed", namespace: "default" },
      spec: { ports: [{ port: 80 }] },
    });
    expect(seen).toMatchObject([{ clusterIP: (service["spec"] as unknown as { clusterIP: string }).clusterIP }]);
  });
});

describe("who is asked", () => {
  const asked = async (change: Record<string, unknown>, data: Record<string, string> = {}): Promise<number> => {
    (hook.seen as unknown[]).length = 0;
    hook.answer("/who", () => ({ allowed: true }));
    await register(VALIDATING, "who", [change]);
    await create(data);
    for (const { resource, name } of made.splice(0)) await server.api.kube.delete(resource, name);
    return hook.seen.length;
  };

  test.each<[string, Record<string, unknown>, number]>([
    ["every group and resource", { rules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }] }, 1],
    ["parts only", { rules: [{ ...ALL_MAPS, resources: ["*/status"] }] }, 0],
    ["another operation", { rules: [{ ...ALL_MAPS, operations: ["UPDATE"] }] }, 0],
    ["cluster scope", { rules: [{ ...ALL_MAPS, scope: "Cluster" }] }, 0],
    ["namespaced scope", { rules: [{ ...ALL_MAPS, scope: "Namespaced" }] }, 1],
    ["a namespace with a label", { namespaceSelector: { matchLabels: { team: "a" } } }, 0],
    ["a namespace by name", { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } } }, 1],
    ["objects without a label", { objectSelector: { matchExpressions: [{ key: "skip", operator: "DoesNotExist" }] } }, 1],
    ["objects with a label", { objectSelector: { matchLabels: { a: "b" } } }, 0],
    [
      "a condition that holds",
      { matchConditions: [{ name: "c", expression: "request.operation == 'CREATE' && object.kind == 'ConfigMap'" }] },
      1,
    ],
    ["a condition that does not", { matchConditions: [{ name: "c", expression: "'system:nodes' in request.userInfo.groups" }] }, 0],
  ])("%s", async (_name, change, calls) => {
    expect(await asked(change)).toBe(calls);
  });

  test("the same objects under another name are meant too, unless exactly the rule is", async () => {
    hook.answer("/equal", () => ({ allowed: true }));
    await register(VALIDATING, "equal", [{ rules: [EVENTS_RULE] }, { rules: [EVENTS_RULE], matchPolicy: "Exact" }]);
    await server.api.kube.create(
      { group: "", version: "v1", plural: "events" },
      {
        apiVersion: "v1",
        kind: "Event",
        metadata: { name: "e", namespace: "default" },
        involvedObject: { kind: "Pod", name: "p", namespace: "default" },
        message: "hello",
      },
    );
    expect(hook.seen).toHaveLength(1);
    expect(hook.seen[0]?.review.request).toMatchObject({
      kind: { group: "events.k8s.io", kind: "Event" },
      requestKind: { group: "", kind: "Event" },
      object: { apiVersion: "events.k8s.io/v1", note: "hello" },
    });
  });

  test("a dry run asks those without side effects; configurations of webhooks are nobody's business", async () => {
    hook.answer("/dry", ({ request }) => ({ allowed: request.dryRun }));
    await register(VALIDATING, "dry", [
      { rules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }], sideEffects: "NoneOnDryRun" },
    ]);
    expect((await create({}, "?dryRun=All")).status).toBe(201);
    expect((await create()).status).toBe(403);
    await register(VALIDATING, "other", []);
  });
});

describe("webhooks that fail", () => {
  const tried = async (change: Record<string, unknown>): Promise<string> => {
    await register(VALIDATING, "fails", [change]);
    const { json } = await create();
    for (const { resource, name } of made.splice(0)) await server.api.kube.delete(resource, name);
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
    expect(await create(many)).toMatchObject({
      status: 422,
      json: {
        message: `configmaps "map-${count - 1}" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few-everywhere' denied request: too many keys: 3`,
      },
    });
    await server.api.kube.delete(BINDINGS, "few-everywhere");
    await bind(["Warn"]);
    expect(await create(many)).toMatchObject({ status: 201, warnings: expect.stringContaining("too many keys: 3") as unknown });
  });
});
