import { describe, expect, test } from "vitest";

import { RESOURCE } from "./in-process.ts";
import { ALL_MAPS, aMap, MUTATING, webhookClusterOfTests, VALIDATING } from "./webhook-cluster.ts";
import { patchOf } from "./webhook-server.ts";

const EVENTS_RULE = { operations: ["CREATE"], apiGroups: ["events.k8s.io"], apiVersions: ["v1"], resources: ["events"] };

const { server, hook, register, unregister, create } = await webhookClusterOfTests();

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
    const { asked, json } = await create();
    expect(json["metadata"]).toMatchObject({ name: asked, labels: { a: "b" } });
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
    hook.forget();
    hook.answer("/who", () => ({ allowed: true }));
    await register(VALIDATING, "who", [change]);
    await create(data);
    await unregister();
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
