import { request as httpsRequest } from "node:https";
import { connect, type TLSSocket } from "node:tls";

import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Listening } from "../../../src/kubernetes/api-server/index.ts";
import { body, startInProcess, type InProcess } from "./in-process.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const BODY_MAX_BYTES = 3 * 1024 * 1024;

/** Whatever is sent is answered, with a Status when it is refused, and never by a fault of the server's own. */
async function refused(server: InProcess, path: string, init: RequestInit): Promise<number> {
  const response = await server.fetch(path, init);
  const text = await response.text();
  if (response.status >= 400) expect(JSON.parse(text)).toMatchObject({ kind: "Status", code: response.status });
  expect(response.status, `${init.method ?? "GET"} ${path}: ${text.slice(0, 300)}`).not.toBe(500);
  return response.status;
}

const TYPES = [
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "application/cbor",
  "application/xml",
  "text/plain",
  "application/json; charset=utf-8",
  "APPLICATION/JSON",
  "multipart/form-data",
  "",
  ";;;",
];
const PATCH_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "application/apply-patch+cbor",
  "application/json",
];

const arbBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 100 }).map((text) => new TextEncoder().encode(text)),
  fc.json({ maxDepth: 4 }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.concat([Buffer.from("k8s\0", "latin1"), bytes])),
  fc
    .constantFrom("{", "[", "a: &a [*a]", "? !!js/x", "%YAML 9\n---\n", "\uFEFF{}", '{"a":1,}', "null", "1e999", "- - - -", "&a *a")
    .map((text) => new TextEncoder().encode(text)),
);

const arbJson = fc.jsonValue({ maxDepth: 4 });
const SPEC_FIELDS = [
  "metadata",
  "spec",
  "status",
  "data",
  "labels",
  "containers",
  "name",
  "env",
  "$patch",
  "finalizers",
  "managedFields",
  "ownerReferences",
];
const arbObject: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom<unknown>(null, "", 0, -1, 1e21, true, "x", [], {}), tie("list"), tie("fields")),
  list: fc.array(tie("value"), { maxLength: 3 }),
  fields: fc.dictionary(fc.constantFrom(...SPEC_FIELDS), tie("value"), { maxKeys: 5, noNullPrototype: true }),
})).fields;

describe("whatever comes in", () => {
  let server: InProcess;

  beforeAll(async () => {
    server = await startInProcess();
    await server.fetch(MAPS, body({ metadata: { name: "there" }, data: { a: "b" } }));
    await server.fetch("/apis/apps/v1/namespaces/default/deployments", body(DEPLOYMENT));
  });

  afterAll(async () => {
    expect(server.failures).toEqual([]);
    await server.api.close();
  });

  test("bytes of any kind as a body of any type", async () => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(arbBytes, fc.constantFrom(...TYPES), fc.constantFrom("POST", "PUT", "DELETE"), async (bytes, type, method) => {
        const path = method === "POST" ? MAPS : `${MAPS}/${method === "DELETE" ? "nobody" : "there"}`;
        statuses.add(await refused(server, path, { method, body: Uint8Array.from(bytes), headers: { "content-type": type } }));
      }),
      { numRuns: 300 },
    );
    expect([...statuses]).toEqual(expect.arrayContaining([400, 415]));
  });

  test("patches of any kind and form", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          arbObject,
          arbJson,
          fc.array(
            fc.record({
              op: fc.constantFrom("add", "remove", "test", "copy", "move", "x"),
              path: fc.string(),
              from: fc.string(),
              value: arbJson,
            }),
          ),
        ),
        fc.constantFrom(...PATCH_TYPES),
        fc.constantFrom(
          `${MAPS}/there`,
          "/apis/apps/v1/namespaces/default/deployments/web",
          "/apis/apps/v1/namespaces/default/deployments/web/scale",
          "/apis/apps/v1/namespaces/default/deployments/web/status",
          "/api/v1/namespaces/default",
        ),
        async (patch, type, path) => {
          const query = type.includes("apply") ? "?fieldManager=fuzz&force=true&dryRun=All" : "?dryRun=All";
          await refused(server, path + query, { method: "PATCH", body: JSON.stringify(patch), headers: { "content-type": type } });
        },
      ),
      { numRuns: 400 },
    );
  });

  test("objects of odd shapes", async () => {
    const collections = [
      MAPS,
      "/api/v1/namespaces/default/pods",
      "/api/v1/namespaces/default/services",
      "/api/v1/nodes",
      "/apis/apps/v1/namespaces/default/deployments",
      "/apis/batch/v1/namespaces/default/jobs",
      "/apis/batch/v1/namespaces/default/cronjobs",
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
      "/apis/rbac.authorization.k8s.io/v1/clusterroles",
      "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
    ];
    await fc.assert(
      fc.asyncProperty(arbObject, fc.constantFrom(...collections), async (object, path) => {
        const named = { ...(object as object), metadata: { name: "fuzz", ...(object as { metadata?: object }).metadata } };
        await refused(server, `${path}?dryRun=All`, body(object));
        await refused(server, `${path}?dryRun=All`, body(named));
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    "/api/v1/namespaces/default/configmaps/..%2f..%2fsecrets",
    "/api/v1/namespaces/..%2fkube-system/configmaps",
    "/api/v1/namespaces/default/configmaps/%00",
    "/api/v1/namespaces/default/configmaps/a%2Fb",
    "/api/v1/namespaces/default/configmaps/__proto__",
    "/api/v1/namespaces/__proto__/configmaps/there",
    "/api/v1/namespaces/default/__proto__",
    "/apis/__proto__/constructor/toString",
    "/apis//v1/",
    "/api/v1/namespaces/default/configmaps/%ff",
    "/openapi/v3/../../etc/passwd",
    "/openapi/v3/constructor",
  ])("%s leads nowhere", async (path) => {
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
      const init =
        method === "GET"
          ? {}
          : { method, body: "{}", headers: { "content-type": method === "PATCH" ? (PATCH_TYPES[1] ?? "") : "application/json" } };
      const status = await refused(server, path, init);
      expect([400, 404, 405, 422]).toContain(status);
    }
  });

  test("queries of any kind", async () => {
    const name = fc.constantFrom(
      "limit",
      "continue",
      "resourceVersion",
      "resourceVersionMatch",
      "labelSelector",
      "fieldSelector",
      "watch",
      "timeoutSeconds",
      "dryRun",
      "fieldManager",
      "pretty",
    );
    const value = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("0", "1", "-1", "1e9", "99999999999999999999", "a=b", "a in (b", "!", ",,", "W10", "Exact", "NotOlderThan"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 4 }), async (pairs) => {
        const kept = pairs.filter(([name]) => name !== "watch");
        await refused(server, `${MAPS}?${new URLSearchParams(kept).toString()}`, {});
      }),
      { numRuns: 300 },
    );
  });

  test("YAML that would grow beyond measure is refused", async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
      .split("")
      .map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefgh"[index] ?? "a"}`).join(",")}]\n`)
      .join("")}`;
    expect(await refused(server, MAPS, { method: "POST", body: bomb, headers: { "content-type": "application/yaml" } })).toBe(400);
  });
});

const DEPLOYMENT = {
  metadata: { name: "web" },
  spec: {
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
  },
};

describe("over a connection", () => {
  let server: InProcess;
  let listening: Listening;
  let token: string;

  beforeAll(async () => {
    server = await startInProcess();
    listening = await server.api.listen({ host: "127.0.0.1", port: 0 });
    token = (await server.api.issueToken({ namespace: "default", name: "default" })).token;
  });

  afterAll(async () => {
    expect(server.failures).toEqual([]);
    await server.api.close();
  });

  function post(bytes: number, chunked: boolean): Promise<number | undefined> {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      ...(chunked ? {} : { "content-length": bytes }),
    };
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(`${listening.url}${MAPS}`, { method: "POST", ca: server.api.caPem, headers }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      });
      // The server does not wait for the rest; what it said counts.
      sent.on("error", (error: NodeJS.ErrnoException) =>
        error.code === "EPIPE" || error.code === "ECONNRESET" ? undefined : reject(error),
      );
      const part = Buffer.alloc(64 * 1024, 0x20);
      for (let left = bytes; left > 0; left -= part.length) sent.write(part.subarray(0, Math.min(left, part.length)));
      sent.end();
    });
  }

  test("more than 3 MiB is refused, announced or not", async () => {
    expect(await post(BODY_MAX_BYTES + 1, false)).toBe(413);
    expect(await post(BODY_MAX_BYTES * 2, true)).toBe(413);
  });

  /** What the server answers to bytes on a connection of their own. */
  function raw(bytes: string): Promise<string> {
    return new Promise((resolve) => {
      const { port } = listening;
      const socket: TLSSocket = connect({ host: "127.0.0.1", port, ca: server.api.caPem, servername: "kubernetes" }, () =>
        socket.end(bytes),
      );
      let answer = "";
      socket.on("data", (part: Buffer) => (answer += part.toString()));
      socket.on("error", () => resolve(answer));
      socket.on("close", () => resolve(answer));
    });
  }

  test.each([
    ["TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 4\d\d/],
    ["GET // HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 4\d\d/],
    ["GET http://[ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 4\d\d/],
    ["BREW /api HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400/],
    ["\u0016\u0003nonsense\r\n\r\n", /^HTTP\/1\.1 400/],
    ["POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{}", /^$|^HTTP\/1\.1 4\d\d/],
  ])("%j is answered, and the server goes on", async (bytes, wanted) => {
    expect(await raw(bytes)).toMatch(wanted);
    expect(await raw("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toContain("200 OK");
  });
});
