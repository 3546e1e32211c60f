import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";

import { createManualClock } from "@slash28/testkit";
import { afterEach, describe, expect, test } from "vitest";

import { createAuthority } from "../../../src/kubernetes/api-server/certificates/authority.ts";
import { body, RESOURCE, startInProcess, type InProcess } from "./in-process.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

const started: InProcess[] = [];

async function start(...args: Parameters<typeof startInProcess>): Promise<InProcess> {
  const server = await startInProcess(...args);
  started.push(server);
  return server;
}

afterEach(async () => {
  for (const server of started.splice(0)) {
    expect(server.failures).toEqual([]);
    await server.api.close();
  }
});

function configMap(name: string, data: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}

/** Lines of a watch, one at a time. */
async function* linesOf(
  response: Response,
): AsyncGenerator<{ readonly type: string; readonly object: Record<string, never> & { readonly metadata: Record<string, unknown> } }> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as never;
  }
}

describe("watching over HTTP", () => {
  test("starts with what is there, marks the end of it, goes on, and ends in time", async () => {
    const clock = createManualClock();
    const { fetch } = await start({}, clock);
    await fetch(MAPS, body(configMap("a")));
    const query =
      "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=300&fieldSelector=metadata.name%3Da";
    const lines = linesOf(await fetch(`${MAPS}?${query}`));
    const next = async (): Promise<string> => {
      const { value, done } = await lines.next();
      return done === true
        ? "end"
        : `${value.type} ${JSON.stringify(value.object.metadata["annotations"] ?? value.object.metadata["name"])}`;
    };
    expect(await next()).toBe('ADDED "a"');
    expect(await next()).toBe('BOOKMARK {"k8s.io/initial-events-end":"true"}');
    await fetch(`${MAPS}/a`, { ...body({ data: { k: "v" } }, "application/merge-patch+json"), method: "PATCH" });
    expect(await next()).toBe('MODIFIED "a"');
    const bookmark = next();
    await clock.advance(60_000);
    expect(await bookmark).toBe("BOOKMARK undefined");
    const end = next();
    await clock.advance(240_000);
    expect(await end).toBe("end");
    expect(clock.sleepers).toBe(0);
  });

  test("from history that is gone answers 410 Expired", async () => {
    const { fetch, json } = await start({ historyMax: 1 });
    for (let i = 0; i < 5; i++) await fetch(MAPS, body(configMap(`m${i}`)));
    expect(await json(`${MAPS}?watch=true&resourceVersion=1`)).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
  });

  test("ends when the server closes", async () => {
    const { api, fetch } = await start();
    const lines = linesOf(await fetch(`${MAPS}?watch=true&resourceVersion=0&labelSelector=a%3Db`));
    const end = lines.next();
    await api.close();
    expect((await end).done).toBe(true);
  });
});

describe("answers", () => {
  test("tables, partial objects and plain ones by Accept", async () => {
    const { fetch, json } = await start();
    await fetch(MAPS, body(configMap("a", { x: "1", y: "2" })));
    const as = (kind: string): RequestInit => ({ headers: { accept: `application/json;as=${kind};v=v1;g=meta.k8s.io,application/json` } });
    expect(await json(`${MAPS}/a`, as("Table"))).toMatchObject({
      kind: "Table",
      rows: [{ cells: ["a", 2, expect.any(String)], object: { kind: "PartialObjectMetadata" } }],
    });
    expect(await json(MAPS, as("PartialObjectMetadataList"))).toMatchObject({ kind: "PartialObjectMetadataList" });
    expect(await json(`${MAPS}/a`)).toMatchObject({ kind: "ConfigMap", data: { x: "1" } });
    expect((await fetch(`${MAPS}/a`, { headers: { accept: "text/html" } })).status).toBe(406);
  });

  test("the pages of a list show the state of the first one, or say that it is gone", async () => {
    const { fetch, json } = await start({ historyMax: 4 });
    for (const name of ["a", "b", "c"]) await fetch(MAPS, body(configMap(name)));
    const namesOf = (page: Record<string, unknown>): string[] =>
      (page["items"] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    const first = await json(`${MAPS}?limit=1`);
    const { continue: token, resourceVersion } = first["metadata"] as { continue: string; resourceVersion: string };
    await fetch(`${MAPS}/b`, { method: "DELETE" });
    await fetch(MAPS, body(configMap("aa")));
    const second = await json(`${MAPS}?limit=9&continue=${token}`);
    expect([namesOf(second), (second["metadata"] as { resourceVersion: string }).resourceVersion]).toEqual([
      ["b", "c", "kube-root-ca.crt"],
      resourceVersion,
    ]);
    expect(namesOf(await json(`${MAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`))).toContain("b");
    expect(namesOf(await json(`${MAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`))).toContain("aa");
    for (let turn = 0; turn < 12; turn++) await fetch(MAPS, body(configMap(`x${turn}`)));
    const gone = await json(`${MAPS}?limit=9&continue=${token}`);
    expect(gone).toMatchObject({ code: 410, reason: "Expired" });
    const onward = (gone["metadata"] as { continue: string }).continue;
    expect(namesOf(await json(`${MAPS}?limit=2&continue=${onward}`))).toEqual(["aa", "c"]);
  });

  test("states that are not there yet, and questions that contradict themselves", async () => {
    const { fetch } = await start();
    const answer = async (path: string): Promise<number> => (await fetch(path)).status;
    expect(await answer(`${MAPS}?resourceVersion=99999&resourceVersionMatch=NotOlderThan`)).toBe(504);
    expect(await answer(`${MAPS}/kube-root-ca.crt?resourceVersion=99999`)).toBe(504);
    expect(await answer(`${MAPS}?resourceVersion=0&resourceVersionMatch=Exact`)).toBe(422);
    expect(await answer(`${MAPS}?resourceVersionMatch=Exact`)).toBe(422);
    expect(await answer(`${MAPS}?watch=1&sendInitialEvents=true`)).toBe(422);
    expect(await answer(`${MAPS}?resourceVersion=0`)).toBe(200);
  });

  test("lists go on from a token", async () => {
    const { fetch, json } = await start();
    for (const name of ["a", "b", "c"]) await fetch(MAPS, body(configMap(name)));
    const first = await json(`${MAPS}?limit=2`);
    const { continue: token, remainingItemCount } = first["metadata"] as { continue: string; remainingItemCount: number };
    expect([(first["items"] as unknown[]).length, remainingItemCount]).toEqual([2, 2]);
    const second = await json(`${MAPS}?limit=2&continue=${token}`);
    expect((second["items"] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)).toEqual(["c", "kube-root-ca.crt"]);
  });

  test.each([
    ["/api/v1/namespaces/default/nothings", {}, 404],
    ["/api/v1/namespaces/default/pods/p/spin", {}, 404],
    ["/api/v1/nodes/n/a/b", {}, 404],
    ["/apis/none/v1/things", {}, 404],
    [MAPS, { method: "PUT", body: "{}" }, 405],
    [MAPS, { method: "POST", body: "{" }, 400],
    [MAPS, { method: "POST", body: '{"__proto__":{}}' }, 400],
    [MAPS, body(configMap("a"), "application/xml"), 415],
    [`${MAPS}/kube-root-ca.crt`, { ...body([]), method: "PATCH" }, 415],
    [MAPS, body({ ...configMap("a"), kind: "Secret" }), 400],
    [MAPS, body({ ...configMap("a"), metadata: { name: "a", namespace: "other" } }), 400],
    [`${MAPS}?labelSelector=a%20b`, {}, 400],
    [`${MAPS}?fieldSelector=data%3Db`, {}, 400],
    [`${MAPS}?watch=1&resourceVersion=abc`, {}, 400],
    [`${MAPS}?continue=abc`, {}, 400],
    ["/api/v1/namespaces/%ZZ/pods", {}, 404],
  ] as const)("%s refuses with a Status", async (path, init, code) => {
    const { fetch } = await start();
    const response = await fetch(path, { ...init });
    expect([response.status, ((await response.json()) as { kind: string }).kind]).toEqual([code, "Status"]);
  });

  test("unknown fields: refused, warned of, or dropped, as asked", async () => {
    const { fetch } = await start();
    const odd = { ...configMap("odd"), extra: 1 };
    expect((await fetch(`${MAPS}?fieldValidation=Strict`, body(odd))).status).toBe(400);
    const warned = await fetch(`${MAPS}?fieldValidation=Warn&dryRun=All`, body(odd));
    expect([warned.status, warned.headers.get("warning")]).toEqual([201, '299 - "unknown field \\"extra\\""']);
    const dropped = (await (await fetch(`${MAPS}?fieldValidation=Ignore`, body(odd))).json()) as object;
    expect(dropped).not.toHaveProperty("extra");
  });

  test("strangers see health and version, nothing else", async () => {
    const { api } = await start();
    const status = async (path: string): Promise<number> => (await api.handle(new Request(`https://kube${path}`), undefined)).status;
    expect(await Promise.all(["/healthz", "/readyz", "/livez", "/version"].map(status))).toEqual([200, 200, 200, 200]);
    expect(await Promise.all(["/api", MAPS, "/openapi/v3"].map(status))).toEqual([401, 401, 401]);
  });

  test("old-style discovery lists what the aggregated one does", async () => {
    const { fetch, json } = await start();
    const groups = ((await json("/apis"))["groups"] as { name: string; preferredVersion: { groupVersion: string } }[]).map(
      ({ preferredVersion }) => preferredVersion.groupVersion,
    );
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    const aggregated = await fetch("/apis", { headers: { accept } });
    expect(aggregated.headers.get("content-type")).toContain("as=APIGroupDiscoveryList");
    const { items } = (await aggregated.json()) as { items: { metadata: { name: string }; versions: { version: string }[] }[] };
    expect(items.map(({ metadata, versions }) => `${metadata.name}/${versions[0]?.version}`)).toEqual(groups);
    for (const group of groups) expect(await json(`/apis/${group}`)).toMatchObject({ kind: "APIResourceList", groupVersion: group });
  });
});

describe("certificates and tokens", () => {
  test("the serving certificate is the authority's and speaks for its names", async () => {
    const authority = await createAuthority(Date.now());
    const ca = new X509Certificate(authority.caPem);
    const server = new X509Certificate((await authority.issueServer(["kubernetes.default", "127.0.0.1", "::1", "fd00::1:2"])).certPem);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkIssued(ca)).toBe(true);
    expect([server.checkHost("kubernetes.default"), server.checkIP("127.0.0.1"), server.checkHost("elsewhere")]).toEqual([
      "kubernetes.default",
      "127.0.0.1",
      undefined,
    ]);
    expect(server.subjectAltName).toContain("IP Address:FD00:0:0:0:0:0:1:2");
    expect(new X509Certificate((await authority.issueClient("me", ["g1", "g2"])).certPem).subject).toBe("O=g1\nO=g2\nCN=me");
  });

  test("TLS clients that know the authority trust the server", async () => {
    const { api } = await start();
    const { port } = await api.listen({ host: "127.0.0.1", port: 0 });
    const authorized = await new Promise<boolean>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, ca: api.caPem, servername: "kubernetes" }, () => {
        resolve(socket.authorized);
        socket.destroy();
      });
      socket.on("error", reject);
    });
    expect(authorized).toBe(true);
  });

  test("tokens are good for their time and their audience", async () => {
    const clock = createManualClock(Date.UTC(2030, 0, 1));
    const { api } = await start({}, clock);
    const account = { namespace: "default", name: "default" };
    const pod = await api.kube.create(RESOURCE.pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "default" },
      spec: { containers: [{ name: "main", image: "nginx" }] },
    });
    const bound = { name: "p", uid: String((pod.metadata as { uid?: string }).uid) };
    const { token, expirationTimestamp } = await api.issueToken(account, { expirationSeconds: 600, pod: bound });
    expect(expirationTimestamp).toBe("2030-01-01T00:10:00Z");
    expect((await api.authenticate(token))?.name).toBe("system:serviceaccount:default:default");
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as object;
    expect(claims).toMatchObject({ sub: "system:serviceaccount:default:default", "kubernetes.io": { pod: { name: "p" } } });
    const foreign = await api.issueToken(account, { audiences: ["sts.amazonaws.com"] });
    expect(await api.authenticate(foreign.token)).toBeUndefined();
    await clock.advance(600_000);
    expect(await api.authenticate(token)).toBeUndefined();
    await expect(api.issueToken({ namespace: "default", name: "nobody" })).rejects.toMatchObject({ code: "KUBE_REFUSED" });
  });

  test("a second listener at the same place is refused with the system's error", async () => {
    const { api } = await start();
    const { port } = await api.listen({ host: "127.0.0.1", port: 0 });
    await expect(api.listen({ host: "127.0.0.1", port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(await api.kube.get(RESOURCE.namespaces, "default")).toBeDefined();
  });
});
