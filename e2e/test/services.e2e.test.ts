import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest } from "../src/index.ts";
import { workloadsOf, type PodItem } from "../src/workloads.ts";

const lab = labUnderTest();
const { apply, running } = workloadsOf(lab);

/** Says its pod's name and who asked; once it is to end it goes on for two seconds, as a server does that drains. */
const SERVER = `
const server = require("node:http").createServer((q, s) => s.end(process.env.POD + " " + q.socket.remoteAddress.replace("::ffff:", "") + "\\n"));
server.keepAliveTimeout = 1;
server.listen(8080);
process.on("SIGTERM", () => setTimeout(() => process.exit(0), 2000));
`;

const serverSpec = (more: object = {}): object => ({
  terminationGracePeriodSeconds: 10,
  containers: [
    {
      name: "web",
      image: "node",
      command: [process.execPath, "-e", SERVER],
      env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      ports: [{ name: "http", containerPort: 8080 }],
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    },
  ],
  ...more,
});
const servers = (name: string, replicas: number): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: serverSpec() } },
});
const service = (name: string, spec: object = {}, app = name): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector: { app }, ports: [{ name: "http", port: 80, targetPort: "http" }], ...spec },
});
const pod = (name: string, spec: object): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: name } }, spec });
const SLEEP = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"];
const idle = { terminationGracePeriodSeconds: 0, containers: [{ name: "c", image: "busybox", command: SLEEP }] };

const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await lab.kubectl([...args, "-o", "json"])) as T;
const within = async (name: string, ...command: string[]): Promise<string> => (await lab.kubectl(["exec", name, "--", ...command])).trim();
const curl = (name: string, url: string): Promise<string> => within(name, "curl", "-s", "--max-time", "3", url);
/** curl's exit code. */
const curlCode = async (name: string, url: string): Promise<number> =>
  (await lab.kubectlRaw(["exec", name, "--", "curl", "-s", "--max-time", "2", url])).code;
/** What Node's own resolver library, which speaks DNS itself, gets for a question. */
const resolve = async (name: string, type: string): Promise<unknown> =>
  JSON.parse(
    await within(
      "client",
      process.execPath,
      "-e",
      `const { promises } = require("node:dns"); promises.resolve(process.argv[1], process.argv[2]).then((found) => console.log(JSON.stringify(found)), (cause) => console.log(JSON.stringify(cause.code)))`,
      name,
      type,
    ),
  ) as unknown;

let nodes: readonly { readonly name: string; readonly address: string }[] = [];
beforeAll(async () => {
  await lab.up();
  nodes = (await lab.status()).nodes.map(({ name, address }) => ({ name, address }));
  await apply(
    pod("client", idle),
    // A neighbour of the other nodes: on its node's own network.
    pod("neighbour", { ...idle, hostNetwork: true, nodeName: nodes[0]?.name }),
    servers("web", 3),
    service("web"),
  );
  await running(3, 60_000, "-l", "app=web");
  await lab.kubectl(["wait", "--for=condition=Ready", "pod/client", "pod/neighbour", "--timeout=60s"]);
  await lab.kubectl(["rollout", "status", "deployment/web", "--timeout=60s"]);
  await lab.kubectl(["rollout", "status", "deployment/coredns", "-n", "kube-system", "--timeout=60s"]);
}, 240_000);
afterAll(async () => {
  await lab.down();
}, 90_000);

describe("names", () => {
  test("a pod asks cluster DNS, by the search path", async () => {
    expect(await within("client", "cat", "/etc/resolv.conf")).toBe(
      "search default.svc.cluster.local svc.cluster.local cluster.local ec2.internal\nnameserver 10.100.0.10\noptions ndots:5",
    );
    const { spec } = await json<{ spec: { clusterIP: string } }>("get", "service", "web");
    for (const name of ["web", "web.default", "web.default.svc", "web.default.svc.cluster.local", "WEB.Default"]) {
      expect(await within("client", "getent", "ahostsv4", name)).toMatch(new RegExp(`^${spec.clusterIP.replaceAll(".", "\\.")} `));
    }
    expect(await curl("client", "http://web")).toMatch(/^web-/);
    expect(await within("client", "getent", "hosts", "10.100.0.1")).toMatch(/kubernetes\.default\.svc\.cluster\.local/);
  });

  test("what does not exist is told apart from what has no such record", async () => {
    expect(await resolve("nothing.default.svc.cluster.local", "A")).toBe("ENOTFOUND");
    expect(await resolve("web.default.svc.cluster.local", "AAAA")).toBe("ENODATA");
    expect(await resolve("dns-version.cluster.local", "TXT")).toEqual([["1.1.0"]]);
    expect(await resolve("_http._tcp.web.default.svc.cluster.local", "SRV")).toEqual([
      { name: "web.default.svc.cluster.local", port: 80, priority: 0, weight: 100 },
    ]);
  });

  test("a headless service names its pods, and publishes those that are not ready when it says so", async () => {
    const never = { exec: { command: ["false"] }, periodSeconds: 1 };
    const named = { ...idle, hostname: "db-0", subdomain: "db" };
    await apply(
      service("db", { clusterIP: "None", ports: [{ name: "sql", port: 5432 }] }),
      pod("db", named),
      service("early", { clusterIP: "None", publishNotReadyAddresses: true, ports: [] }),
      pod("early", { ...idle, containers: [{ name: "c", image: "busybox", command: SLEEP, readinessProbe: never }] }),
    );
    const address = (await running(1, 30_000, "-l", "app=db"))[0]?.status.podIP ?? "";
    await eventually(
      "the pod's own name",
      async () => JSON.stringify(await resolve("db-0.db.default.svc.cluster.local", "A")) === `["${address}"]`,
    );
    expect(await resolve("db.default.svc.cluster.local", "A")).toEqual([address]);
    expect(await resolve("_sql._tcp.db.default.svc.cluster.local", "SRV")).toEqual([
      { name: "db-0.db.default.svc.cluster.local", port: 5432, priority: 0, weight: 100 },
    ]);
    const early = (await running(1, 30_000, "-l", "app=early"))[0]?.status.podIP;
    await eventually(
      "a pod that is not ready",
      async () => JSON.stringify(await resolve("early.default.svc.cluster.local", "A")) === `["${early}"]`,
    );
    await lab.kubectl(["delete", "pod/db", "pod/early", "service/db", "service/early"]);
    await eventually("the name is gone", async () => (await resolve("db.default.svc.cluster.local", "A")) === "ENOTFOUND");
  });

  test("other names are the VPC's and the internet's, an alias leads there", async () => {
    await apply({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "far" },
      spec: { type: "ExternalName", externalName: "www.example.com" },
    });
    expect(await resolve("www.example.com", "A")).toEqual(["198.51.100.80"]);
    await eventually("the alias", async () => JSON.stringify(await resolve("far.default.svc.cluster.local", "A")) === `["198.51.100.80"]`);
    expect(await curl("client", "http://far")).toBe("the internet is here");
    const [node] = nodes;
    expect(await resolve(node?.name ?? "", "A")).toEqual([node?.address]);
    expect(await within("neighbour", "getent", "ahostsv4", node?.name ?? "")).toContain(node?.address);
    expect(await resolve("nope.example.com", "A")).toBe("ENOTFOUND");
  });

  test("names survive the loss of a replica", async () => {
    const [first] = await json<{ items: PodItem[] }>("get", "pods", "-n", "kube-system", "-l", "k8s-app=kube-dns").then(
      ({ items }) => items,
    );
    await lab.kubectl(["delete", "pod", "-n", "kube-system", first?.metadata.name ?? "", "--wait=false"]);
    for (let i = 0; i < 10; i++) expect(await within("client", "getent", "ahostsv4", "web")).toContain("10.100.");
    await lab.kubectl(["rollout", "status", "deployment/coredns", "-n", "kube-system", "--timeout=60s"]);
  });
});

describe("services", () => {
  const nodePort = async (name: string): Promise<number> =>
    (await json<{ spec: { ports: { nodePort: number }[] } }>("get", "service", name)).spec.ports[0]?.nodePort ?? 0;

  test("a node port answers on every node, for a neighbour and for pods", async () => {
    await lab.kubectl(["expose", "deployment", "web", "--name=open", "--type=NodePort", "--port=80", "--target-port=8080"]);
    const port = await nodePort("open");
    for (const { address } of nodes) {
      await eventually(`the node port on ${address}`, async () =>
        (await curl("neighbour", `http://${address}:${port}`)).startsWith("web-"),
      );
      expect(await curl("client", `http://${address}:${port}`)).toMatch(/^web-/);
    }
  });

  test("with externalTrafficPolicy Local the client's address is seen, and only nodes with endpoints answer and are healthy", async () => {
    const other = nodes[1];
    await apply(
      pod("local", { ...serverSpec(), nodeName: other?.name }),
      service("local", { type: "LoadBalancer", externalTrafficPolicy: "Local" }),
    );
    await lab.kubectl(["wait", "--for=condition=Ready", "pod/local", "--timeout=30s"]);
    const { spec, status } = await json<{ spec: { healthCheckNodePort: number }; status: object }>("get", "service", "local");
    expect(status).toEqual({ loadBalancer: {} });
    expect(await lab.kubectl(["get", "service", "local"])).toContain("<pending>");
    const port = await nodePort("local");
    await eventually(
      "the node with the endpoint",
      async () => (await curl("neighbour", `http://${other?.address}:${port}`)) === `local ${nodes[0]?.address}`,
    );
    const timedOut = 28;
    expect(await curlCode("neighbour", `http://${nodes[2]?.address}:${port}`)).toBe(timedOut);
    const health = (address?: string): Promise<string> => curl("neighbour", `http://${address}:${spec.healthCheckNodePort}/`);
    expect(JSON.parse(await health(other?.address))).toMatchObject({ service: { namespace: "default", name: "local" }, localEndpoints: 1 });
    expect(JSON.parse(await health(nodes[2]?.address))).toMatchObject({ localEndpoints: 0 });
    expect(JSON.parse(await curl("neighbour", `http://${other?.address}:10256/healthz`))).toMatchObject({ nodeEligible: true });
  });

  test("a sticky service leads a client to one pod", async () => {
    await apply(service("sticky", { sessionAffinity: "ClientIP" }, "web"));
    await eventually("the service", async () => (await curl("client", "http://sticky")).startsWith("web-"));
    const answers = new Set<string>();
    for (let i = 0; i < 10; i++) answers.add(await curl("client", "http://sticky"));
    expect(answers.size).toBe(1);
  });

  test("a service without endpoints refuses, also at its node port", async () => {
    await apply(service("nobody", { type: "NodePort" }));
    const refused = 7;
    await eventually("a refusal", async () => (await curlCode("client", "http://nobody")) === refused);
    expect(await curlCode("neighbour", `http://${nodes[1]?.address}:${await nodePort("nobody")}`)).toBe(refused);
  });

  test("a pod reaches itself through its own service", async () => {
    const before = (await running(1, 10_000, "-l", "app=local"))[0]?.metadata.name ?? "";
    for (let i = 0; i < 3; i++) expect(await curl(before, "http://local.default")).toMatch(/^local /);
  });

  test("endpoints that somebody writes by hand serve a service without a selector", async () => {
    const address = (await running(1, 10_000, "-l", "app=local"))[0]?.status.podIP ?? "";
    await apply(
      { apiVersion: "v1", kind: "Service", metadata: { name: "manual" }, spec: { ports: [{ port: 80 }] } },
      {
        apiVersion: "v1",
        kind: "Endpoints",
        metadata: { name: "manual" },
        subsets: [{ addresses: [{ ip: address }], ports: [{ port: 8080 }] }],
      },
    );
    await eventually("the mirrored slice", async () => (await curl("client", "http://manual")).startsWith("local "));
    expect(await lab.kubectl(["get", "endpointslices", "-l", "kubernetes.io/service-name=manual", "--no-headers"])).toContain(address);
    await lab.kubectl(["delete", "endpoints", "manual"]);
    await eventually("nothing behind it", async () => (await curlCode("client", "http://manual")) === 7);
  });

  test("trafficDistribution keeps traffic in the client's zone while it can", async () => {
    await apply(service("near", { trafficDistribution: "PreferClose" }, "web"));
    const zoneOf = new Map(
      (await json<{ items: { metadata: { name: string; labels: Record<string, string> } }[] }>("get", "nodes")).items.map(
        ({ metadata }) => [metadata.name, metadata.labels["topology.kubernetes.io/zone"]],
      ),
    );
    const pods = await running(3, 10_000, "-l", "app=web");
    const client = (await running(1, 10_000, "-l", "app=client"))[0];
    const zone = zoneOf.get(client?.spec.nodeName ?? "");
    const near = pods.filter((one) => zoneOf.get(one.spec.nodeName ?? "") === zone).map((one) => one.metadata.name);
    await eventually("the service", async () => (await curl("client", "http://near")).startsWith("web-"));
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) seen.add((await curl("client", "http://near")).split(" ")[0] ?? "");
    const allowed = near.length > 0 ? near : pods.map((one) => one.metadata.name);
    expect([...seen].filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test("a rolling update loses no request", async () => {
    const asking = `
      const http = require("node:http");
      let ok = 0; const failed = [];
      const ask = () => http.get("http://web", { agent: false, timeout: 3000 }, (reply) => { reply.resume(); reply.on("end", () => { ok++; setTimeout(ask, 10); }); })
        .on("timeout", function () { this.destroy(new Error("timeout")); })
        .on("error", (cause) => { failed.push(cause.message); setTimeout(ask, 10); });
      for (let i = 0; i < 4; i++) ask();
      setInterval(() => console.log(JSON.stringify({ ok, failed })), 200);`;
    await apply(
      pod("asker", {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "c", image: "node", command: [process.execPath, "-e", asking] }],
      }),
    );
    const said = async (): Promise<{ ok: number; failed: string[] }> =>
      JSON.parse((await lab.kubectl(["logs", "asker", "--tail=1"])).trim()) as { ok: number; failed: string[] };
    await eventually("requests go on", async () => (await said()).ok > 20);
    await lab.kubectl(["rollout", "restart", "deployment/web"]);
    await lab.kubectl(["rollout", "status", "deployment/web", "--timeout=90s"]);
    const after = (await said()).ok;
    await eventually("requests go on after it", async () => (await said()).ok > after + 20);
    expect((await said()).failed).toEqual([]);
  });
});
