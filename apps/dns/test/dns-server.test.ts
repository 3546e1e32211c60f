import { createServer } from "node:net";
import { readCorefile, type DnsReply } from "@slash28/cluster-dns";
import { askServer, serveUdp } from "@slash28/dns";
import type { KubeObject } from "@slash28/ports";
import { createMemoryKube, eventually, quietLog } from "@slash28/testkit";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDnsMetrics, createDnsServer, followCluster, type DnsServer } from "../src/index.ts";
import { clock } from "../src/wall-clock.ts";

let port: number;
let ends: (() => Promise<unknown> | void)[];
beforeEach(async () => {
  port = await freePort();
  ends = [];
});
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

const kube = createMemoryKube({ clock });
const object = (kind: string, name: string, namespace: string | undefined, more: object): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...more,
});

async function serving(corefile: string): Promise<DnsServer> {
  const server = createDnsServer({
    clock,
    random: Math.random,
    metrics,
    log: quietLog,
    followCluster: () => followCluster({ kube, clock, random: Math.random, log: quietLog }),
    ownAddresses: () => ["127.0.0.1"],
    readFile: (path) => (path === "/etc/resolv.conf" ? "nameserver 127.0.0.1\n" : ""),
    onLoop: (detail) => loops.push(detail),
  });
  ends.push(() => server.stop());
  await server.serve(blocksOf(corefile));
  return server;
}
let metrics = createDnsMetrics();
const loops: string[] = [];
beforeEach(() => {
  metrics = createDnsMetrics();
  loops.length = 0;
});

function blocksOf(corefile: string): Parameters<DnsServer["serve"]>[0] {
  const read = readCorefile(corefile);
  if (!read.ok) throw new Error(read.problem.message);
  return read.value;
}

const ask = (name: string, type = "A", transport: "udp" | "tcp" = "udp", at = port): Promise<DnsReply> =>
  askServer({ address: "127.0.0.1", port: at }, { name, type }, { transport, timeoutMs: 5_000, random: Math.random });
const addresses = (reply: DnsReply): string[] => reply.answers.flatMap((record) => ("address" in record ? [record.address] : [])).sort();

/** Another DNS server, which answers as it is told and counts. */
async function upstream(answer: (name: string) => DnsReply | undefined): Promise<{ readonly port: number; asked: number }> {
  const socket: Socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const seen = { port: socket.address().port, asked: 0 };
  const listener = serveUdp(
    socket,
    ({ question }) => {
      seen.asked++;
      const reply = answer(question.name);
      return reply === undefined ? new Promise(() => undefined) : Promise.resolve(reply);
    },
    () => undefined,
  );
  ends.push(() => listener.close());
  return seen;
}
const found =
  (address: string) =>
  (name: string): DnsReply => ({
    rcode: "NOERROR",
    isAuthoritative: true,
    answers: [{ type: "A", name, ttl: 30, address }],
    authority: [],
    additional: [],
  });

test("names of the cluster follow the API, over UDP and TCP; an alias is followed to where it leads", async () => {
  const outside = await upstream(found("198.51.100.80"));
  await kube.create({ group: "", version: "v1", plural: "namespaces" }, object("Namespace", "shop", undefined, {}));
  const services = { group: "", version: "v1", plural: "services" };
  await kube.create(services, object("Service", "web", "shop", { spec: { clusterIP: "10.100.0.7", ports: [{ port: 80 }] } }));
  await kube.create(services, object("Service", "far", "shop", { spec: { type: "ExternalName", externalName: "www.example.com" } }));
  await serving(`.:${port} {\n kubernetes cluster.local\n forward . 127.0.0.1:${outside.port} {\n prefer_udp\n }\n}`);
  for (const transport of ["udp", "tcp"] as const) {
    await eventually(
      "the cluster is known",
      async () => addresses(await ask("web.shop.svc.cluster.local", "A", transport)).join() === "10.100.0.7",
    );
    expect(await ask("far.shop.svc.cluster.local", "A", transport)).toMatchObject({
      rcode: "NOERROR",
      answers: [
        { type: "CNAME", target: "www.example.com" },
        { type: "A", name: "www.example.com", address: "198.51.100.80" },
      ],
    });
  }
  await kube.delete(services, "web", "shop");
  await eventually("the name is gone", async () => (await ask("web.shop.svc.cluster.local")).rcode === "NXDOMAIN");
});

test("the same port answers at an IPv6 address, for names with and without addresses of that family", async () => {
  await kube.create({ group: "", version: "v1", plural: "namespaces" }, object("Namespace", "six", undefined, {}));
  const services = { group: "", version: "v1", plural: "services" };
  await kube.create(services, object("Service", "web", "six", { spec: { clusterIP: "fd5f:1c53:8a00::101", ports: [{ port: 80 }] } }));
  await serving(`.:${port} {\n kubernetes cluster.local ip6.arpa\n}`);
  const askAt = (name: string, type: string, transport: "udp" | "tcp"): Promise<DnsReply> =>
    askServer({ address: "::1", port }, { name, type }, { transport, timeoutMs: 5_000, random: Math.random });
  const reverse = `1.0.1.0.${"0.".repeat(16)}0.0.a.8.3.5.c.1.f.5.d.f.ip6.arpa`;
  for (const transport of ["udp", "tcp"] as const) {
    await eventually(
      "the cluster is known",
      async () => addresses(await askAt("web.six.svc.cluster.local", "AAAA", transport)).join() === "fd5f:1c53:8a00::101",
    );
    expect(await askAt("web.six.svc.cluster.local", "A", transport)).toMatchObject({ rcode: "NOERROR", answers: [] });
    expect((await askAt(reverse, "PTR", transport)).answers).toMatchObject([{ type: "PTR", target: "web.six.svc.cluster.local" }]);
  }
  await kube.delete(services, "web", "six");
});

test("a server that does not answer is passed over, and comes back when it answers a probe", async () => {
  let isDeaf = true;
  const deaf = await upstream((name) => (isDeaf ? undefined : found("10.0.0.1")(name)));
  const well = await upstream(found("10.0.0.2"));
  await serving(
    `.:${port} {\n forward . 127.0.0.1:${deaf.port} 127.0.0.1:${well.port} {\n policy sequential\n max_fails 1\n health_check 100ms\n }\n}`,
  );
  expect(addresses(await ask("a.example"))).toEqual(["10.0.0.2"]);
  const asked = deaf.asked;
  expect(addresses(await ask("b.example"))).toEqual(["10.0.0.2"]);
  expect(deaf.asked - asked).toBeLessThanOrEqual(1);
  isDeaf = false;
  await eventually("the first server is asked again", async () => addresses(await ask("c.example")).join() === "10.0.0.1");
});

test("an answer is kept, and many clients that ask at once cost one question", async () => {
  const outside = await upstream(found("10.0.0.3"));
  await serving(`.:${port} {\n cache 30\n forward . 127.0.0.1:${outside.port}\n}`);
  await Promise.all(Array.from({ length: 20 }, () => ask("a.example")));
  await ask("a.example");
  expect(outside.asked).toBe(1);
  expect(await metrics.text()).toMatch(/coredns_cache_hits_total\{.*type="success".*\} [1-9]/);
});

test("more questions in flight than allowed are refused", async () => {
  const outside = await upstream(() => undefined);
  await serving(`.:${port} {\n forward . 127.0.0.1:${outside.port} {\n max_concurrent 1\n }\n}`);
  const first = ask("a.example").catch(() => undefined);
  await eventually("the first is on its way", () => outside.asked === 1);
  expect((await ask("b.example")).rcode).toBe("REFUSED");
  await first;
});

test("the longest zone's block answers; a name of no block is refused", async () => {
  await serving(
    `example.org:${port} {\n hosts {\n 10.1.1.1 a.example.org\n }\n}\ndeep.example.org:${port} {\n hosts {\n 10.2.2.2 a.deep.example.org\n }\n}`,
  );
  expect(addresses(await ask("A.Example.org".toLowerCase()))).toEqual(["10.1.1.1"]);
  expect(addresses(await ask("a.deep.example.org"))).toEqual(["10.2.2.2"]);
  expect((await ask("a.example.com")).rcode).toBe("REFUSED");
});

test("a server that is its own upstream finds out", async () => {
  await serving(`.:${port} {\n loop\n forward . 127.0.0.1:${port}\n}`);
  await eventually("the loop is seen", () => loops.length > 0);
  expect(loops[0]).toContain("came back");
});

test("new blocks take over without a closed port, and a port that is taken changes nothing", async () => {
  const server = await serving(`.:${port} {\n hosts {\n 10.0.0.1 a.example\n }\n}`);
  await server.serve(blocksOf(`.:${port} {\n hosts {\n 10.0.0.2 a.example\n }\n}`));
  expect(addresses(await ask("a.example"))).toEqual(["10.0.0.2"]);
  const taken = createServer().listen(0, "0.0.0.0");
  await once(taken, "listening");
  ends.push(() => void taken.close());
  const { port: other } = taken.address() as { port: number };
  await expect(server.serve(blocksOf(`.:${other} {\n hosts {\n 10.0.0.3 a.example\n }\n}`))).rejects.toThrow("EADDRINUSE");
  expect(addresses(await ask("a.example"))).toEqual(["10.0.0.2"]);
});

test("health, readiness and metrics have their pages", async () => {
  const [health, ready, prometheus] = [await freePort(), await freePort(), await freePort()];
  const server = await serving(
    `.:${port} {\n health :${health}\n ready :${ready}\n prometheus :${prometheus}\n kubernetes cluster.local\n}`,
  );
  const get = async (page: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${page}`);
    return `${response.status} ${await response.text()}`;
  };
  expect(await get(`${health}/health`)).toBe("200 OK");
  await eventually("it is ready", async () => (await get(`${ready}/ready`)) === "200 OK");
  await ask("a.cluster.local");
  expect(await get(`${prometheus}/metrics`)).toContain(
    `coredns_dns_responses_total{server="dns://:${port}",zone=".",rcode="NXDOMAIN",plugin=""} 1`,
  );
  server.retire();
  expect(await get(`${ready}/ready`)).toBe("503 kubernetes");
  expect(await get(`${health}/health`)).toBe("200 OK");
});
