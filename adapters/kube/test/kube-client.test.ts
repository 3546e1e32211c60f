import type { ServerResponse } from "node:http";
import { Fault } from "@slash28/ports";
import type { KubeObject, WatchEvent } from "@slash28/ports";
import { createManualClock } from "@slash28/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { RESOURCES, createKube, isConflict, isGone, refusedStatus } from "../src/index.ts";
import type { KubeClient, KubeConnection } from "../src/index.ts";
import { json, startApiDouble } from "./api-double.ts";
import type { ApiDouble, Asked } from "./api-double.ts";

let double: ApiDouble | undefined;
let kube: KubeClient | undefined;
afterEach(async () => {
  kube?.close();
  await double?.close();
});

const clock = createManualClock();

async function client(answer: (asked: Asked, response: ServerResponse) => void, more: Partial<KubeConnection> = {}): Promise<KubeClient> {
  double = await startApiDouble(answer);
  kube = createKube({ server: double.url, credentials: { kind: "token", token: "secret" }, clock, ...more });
  return kube;
}

const pod = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", resourceVersion: "7" },
});

const status = (code: number, reason: string) => ({
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  code,
  reason,
  message: `it is ${reason}`,
});

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof Fault)) throw new Error(`expected a fault, not ${String(error)}`);
  return error;
}

describe("requests", () => {
  test("name the object by its path, carry the token, and speak the patch's type", async () => {
    const api = await client((_, response) => json(response, 200, pod("a")));
    await api.get(RESOURCES.pods, "a", "default");
    await api.create(RESOURCES.pods, pod("a"));
    await api.update(RESOURCES.daemonSets, { ...pod("d"), kind: "DaemonSet" }, "status");
    await api.patch(RESOURCES.nodes, "n", undefined, { kind: "strategic", body: { spec: {} } });
    await api.delete(RESOURCES.pods, "a", "default", { gracePeriodSeconds: 0, propagation: "Foreground", uid: "u" });
    expect(double?.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /api/v1/namespaces/default/pods/a",
      "POST /api/v1/namespaces/default/pods",
      "PUT /apis/apps/v1/namespaces/default/daemonsets/d/status",
      "PATCH /api/v1/nodes/n",
      "DELETE /api/v1/namespaces/default/pods/a",
    ]);
    expect(double?.asked[0]?.headers.authorization).toBe("Bearer secret");
    expect(double?.asked[3]?.headers["content-type"]).toBe("application/strategic-merge-patch+json");
    expect(double?.asked[4]?.body).toEqual({
      kind: "DeleteOptions",
      apiVersion: "v1",
      gracePeriodSeconds: 0,
      propagationPolicy: "Foreground",
      preconditions: { uid: "u" },
    });
  });

  test("a list goes on over pages and gives every item its type", async () => {
    const api = await client(({ query }, response) => {
      const isFirst = query.get("continue") === null;
      const { apiVersion: _version, kind: _kind, ...bare } = pod(isFirst ? "a" : "b");
      const metadata = { resourceVersion: "42", ...(isFirst ? { continue: "next" } : {}) };
      json(response, 200, { apiVersion: "v1", kind: "PodList", metadata, items: [bare] });
    });
    const { items, resourceVersion } = await api.list(RESOURCES.pods, { labelSelector: "app=web,tier!=x" });
    expect(items.map((item) => [item.kind, item.metadata.name])).toEqual([
      ["Pod", "a"],
      ["Pod", "b"],
    ]);
    expect(resourceVersion).toBe("42");
    expect(double?.asked[0]?.query.get("labelSelector")).toBe("app=web,tier!=x");
  });

  test("a token from a file is read again after a minute and after it was refused", async () => {
    let reads = 0;
    let isRefusing = false;
    const read = async (): Promise<string> => `token-${++reads}\n`;
    const api = await client((_, response) => json(response, isRefusing ? 401 : 200, isRefusing ? status(401, "Unauthorized") : pod("a")), {
      credentials: { kind: "token-file", read },
    });
    const call = () => api.get(RESOURCES.pods, "a", "default");
    await call();
    await call();
    await clock.advance(61_000);
    await call();
    isRefusing = true;
    expect((await faultOf(call())).fields["status"]).toBe(401);
    isRefusing = false;
    await call();
    expect(double?.asked.map(({ headers }) => headers.authorization)).toEqual(
      ["token-1", "token-1", "token-2", "token-2", "token-3"].map((token) => `Bearer ${token}`),
    );
  });
});

describe("refusals", () => {
  test("get of what is not there is undefined, delete of it succeeds, patch of it is a 404", async () => {
    const api = await client((_, response) => json(response, 404, status(404, "NotFound")));
    expect(await api.get(RESOURCES.pods, "a", "default")).toBeUndefined();
    await api.delete(RESOURCES.pods, "a", "default");
    const fault = await faultOf(api.patch(RESOURCES.pods, "a", "default", { kind: "merge", body: {} }));
    expect(refusedStatus(fault)).toBe(404);
    expect(fault.message).toBe("the Kubernetes API server refused patch namespaces/default/pods/a with 404 NotFound: it is NotFound");
  });

  test("a conflict is told from a name that is taken", async () => {
    let reason = "Conflict";
    const api = await client((_, response) => json(response, 409, status(409, reason)));
    expect(isConflict(await faultOf(api.update(RESOURCES.pods, pod("a"))))).toBe(true);
    reason = "AlreadyExists";
    expect(isConflict(await faultOf(api.create(RESOURCES.pods, pod("a"))))).toBe(false);
  });

  test("a gateway's 503 in its own format counts as unreachable", async () => {
    const api = await client((_, response) => response.writeHead(503).end("upstream connect error\nreset"));
    expect(await faultOf(api.list(RESOURCES.pods))).toMatchObject({ code: "KUBE_UNREACHABLE" });
  });

  test("429 is sent again after the pause the server asks for", async () => {
    let answers = 0;
    const api = await client((_, response) =>
      answers++ === 0 ? json(response, 429, {}, { "retry-after": "3" }) : json(response, 200, pod("a")),
    );
    const call = api.get(RESOURCES.pods, "a", "default");
    while (clock.sleepers === 0) await new Promise((resolve) => void setImmediate(resolve));
    await clock.advance(2_999);
    expect(answers).toBe(1);
    await clock.advance(1);
    expect((await call)?.metadata.name).toBe("a");
  });

  test("nobody listens, and no answer in time, are unreachable", async () => {
    const silent = await client(() => undefined, { timeoutMs: 30 });
    expect(await faultOf(silent.get(RESOURCES.pods, "a", "default"))).toMatchObject({ code: "KUBE_UNREACHABLE" });
    await double?.close();
    expect(await faultOf(silent.get(RESOURCES.pods, "a", "default"))).toMatchObject({ code: "KUBE_UNREACHABLE" });
  });
});

describe("watch", () => {
  const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

  async function collect(events: AsyncIterable<WatchEvent>): Promise<readonly string[]> {
    const seen: string[] = [];
    for await (const event of events) {
      seen.push(event.type === "BOOKMARK" ? `BOOKMARK ${event.resourceVersion}` : `${event.type} ${event.object.metadata.name}`);
    }
    return seen;
  }

  test("events cut anywhere, even inside a letter, come out whole", async () => {
    const bytes = Buffer.from(
      line("ADDED", pod("ä")) + line("MODIFIED", pod("b")) + line("BOOKMARK", { metadata: { resourceVersion: "9" } }),
    );
    const api = await client((_, response) => {
      void (async () => {
        response.writeHead(200);
        for (let at = 0; at < bytes.length; at += 3) {
          response.write(bytes.subarray(at, at + 3));
          await new Promise((resolve) => void setImmediate(resolve));
        }
        response.end();
      })();
    });
    expect(await collect(api.watch(RESOURCES.pods, "5"))).toEqual(["ADDED ä", "MODIFIED b", "BOOKMARK 9"]);
    expect(Object.fromEntries(double?.asked[0]?.query ?? [])).toMatchObject({
      watch: "1",
      allowWatchBookmarks: "true",
      resourceVersion: "5",
    });
  });

  test("an expired version is a 410, both as an answer and as an event", async () => {
    let asAnswer = true;
    const api = await client((_, response) => {
      if (asAnswer) json(response, 410, status(410, "Expired"));
      else response.writeHead(200).end(line("ERROR", status(410, "Expired")));
    });
    expect(isGone(await faultOf(collect(api.watch(RESOURCES.pods, "1"))))).toBe(true);
    asAnswer = false;
    expect(isGone(await faultOf(collect(api.watch(RESOURCES.pods, "1"))))).toBe(true);
  });

  test("the signal ends it without an error, a broken connection with one", async () => {
    let started: ServerResponse | undefined;
    const api = await client((_, response) => {
      response.writeHead(200);
      response.write(line("ADDED", pod("a")));
      started = response;
    });
    const abort = new AbortController();
    const first: string[] = [];
    for await (const event of api.watch(RESOURCES.pods, "1", { signal: abort.signal })) {
      first.push(event.type);
      abort.abort();
    }
    expect(first).toEqual(["ADDED"]);
    const broken = faultOf(
      (async () => {
        for await (const _event of api.watch(RESOURCES.pods, "1")) started?.destroy();
      })(),
    );
    expect(await broken).toMatchObject({ code: "KUBE_UNREACHABLE" });
  });
});
