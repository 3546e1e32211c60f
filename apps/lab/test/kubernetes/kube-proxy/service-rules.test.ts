import { RESOURCES } from "@slash28/kube";
import { createManualClock, createMemoryKube, quietLog, settle } from "@slash28/testkit";
import { describe, expect, test } from "vitest";
import type { Endpoint, EndpointSlice, Service } from "../../../src/kubernetes/controllers/objects/index.ts";
import {
  createKubeProxy,
  healthChecks,
  nodeHealthAnswer,
  nodeTable,
  renderChange,
  serviceHealthAnswer,
  serviceRoutes,
  staleFlows,
  type NodeTable,
  type ServiceRoute,
} from "../../../src/kubernetes/kube-proxy/index.ts";

const service = (spec: Partial<Service["spec"]> = {}): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default" },
  spec: { clusterIP: "10.100.0.7", ports: [{ port: 80, protocol: "TCP" }], ...spec },
});

const slice = (endpoints: readonly Endpoint[]): EndpointSlice => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "web-1", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
  addressType: "IPv4",
  ports: [{ name: "", port: 8080, protocol: "TCP" }],
  endpoints,
});

const at = (address: string, conditions: Endpoint["conditions"] = { ready: true }, nodeName = "n1"): Endpoint => ({
  addresses: [address],
  conditions,
  nodeName,
});
const backends = (of: Service, endpoints: readonly Endpoint[]): readonly string[] =>
  serviceRoutes({ nodeName: "n1", services: [of], slices: [slice(endpoints)] }).flatMap((route) =>
    route.backends.map(({ address, port }) => `${address}:${port}`),
  );

describe("serviceRoutes", () => {
  const ending = { ready: false, serving: true, terminating: true };
  test.each([
    ["ready endpoints, sorted", {}, [at("10.0.0.2"), at("10.0.0.1")], ["10.0.0.1:8080", "10.0.0.2:8080"]],
    ["none that is not ready", {}, [at("10.0.0.1"), at("10.0.0.2", { ready: false })], ["10.0.0.1:8080"]],
    ["ending ones only while none is ready", {}, [at("10.0.0.1", ending)], ["10.0.0.1:8080"]],
    ["not ending ones beside a ready one", {}, [at("10.0.0.1", ending), at("10.0.0.2")], ["10.0.0.2:8080"]],
  ] as const)("%s", (_, spec, endpoints, expected) => {
    expect(backends(service(spec), endpoints)).toEqual(expected);
  });

  test.each([
    ["headless", { clusterIP: "None" }],
    ["external", { type: "ExternalName" }],
  ] as const)("a service that is %s has no route", (_, spec) => {
    expect(serviceRoutes({ nodeName: "n1", services: [service(spec)], slices: [] })).toEqual([]);
  });
});

const dns: Service = {
  ...service({ clusterIP: "10.100.0.10", ports: [{ name: "dns", port: 53, protocol: "UDP" }] }),
  metadata: { name: "dns", namespace: "kube-system" },
};
const routesOf = (services: readonly Service[], endpoints: readonly Endpoint[]): readonly ServiceRoute[] =>
  serviceRoutes({ nodeName: "n1", zone: "a", services, slices: [slice(endpoints)] });
const tableOf = (services: readonly Service[], endpoints: readonly Endpoint[]): NodeTable => nodeTable("ip", routesOf(services, endpoints));

/** What of a table depends on services, as lines. */
function show(table: NodeTable): string[] {
  return [
    ...[...table.elements].flatMap(([set, elements]) =>
      [...elements].map(([key, value]) => `${set}: ${key}${value === "" ? "" : ` -> ${value}`}`),
    ),
    ...[...table.chains].flatMap(([name, rules]) => rules.map((rule) => `${name}: ${rule}`)),
    ...[...table.stickySets].map(([name, seconds]) => `${name}: ${seconds} s`),
  ].filter((line) => !line.startsWith("hairpins"));
}

describe("what a node's table holds", () => {
  test("of a service with endpoints, and of one without", () => {
    expect(show(tableOf([service(), dns], [at("10.0.0.1"), at("10.0.0.2")]))).toEqual([
      "services: 10.100.0.7 . tcp . 80 -> goto service/default/web/tcp/80",
      "unserved: 10.100.0.10 . udp . 53 -> goto refuse",
      "service/default/web/tcp/80: meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.0.0.1 . 8080, 1 : 10.0.0.2 . 8080 }",
    ]);
  });

  const open = { type: "NodePort", externalIPs: ["203.0.113.5"], ports: [{ port: 80, protocol: "TCP", nodePort: 30080 }] };
  test("of a node port and an external address: what comes from outside is masqueraded", () => {
    expect(show(tableOf([service(open)], [at("10.0.0.1", undefined, "n2")]))).toEqual([
      "services: 10.100.0.7 . tcp . 80 -> goto service/default/web/tcp/80",
      "services: 203.0.113.5 . tcp . 80 -> goto external/default/web/tcp/80",
      "node-ports: tcp . 30080 -> goto external/default/web/tcp/80",
      "service/default/web/tcp/80: meta l4proto tcp dnat ip to 10.0.0.1:8080",
      "external/default/web/tcp/80: jump mark-for-masquerade",
      "external/default/web/tcp/80: goto service/default/web/tcp/80",
    ]);
  });

  test("of externalTrafficPolicy Local: outsiders reach this node's endpoints with their own address, and are dropped where there are none", () => {
    const local = service({ ...open, externalTrafficPolicy: "Local" });
    expect(
      show(tableOf([local], [at("10.0.0.1"), at("10.0.0.2", undefined, "n2")])).filter((line) => /^(external|local)/.test(line)),
    ).toEqual([
      "local/default/web/tcp/80: meta l4proto tcp dnat ip to 10.0.0.1:8080",
      'external/default/web/tcp/80: iifname "eni*" goto service/default/web/tcp/80',
      "external/default/web/tcp/80: fib saddr type local jump mark-for-masquerade",
      "external/default/web/tcp/80: fib saddr type local goto service/default/web/tcp/80",
      "external/default/web/tcp/80: goto local/default/web/tcp/80",
    ]);
    expect(show(tableOf([local], [at("10.0.0.2", undefined, "n2")])).filter((line) => line.startsWith("unserved"))).toEqual([
      "unserved: 203.0.113.5 . tcp . 80 -> drop",
      "unserved-node-ports: tcp . 30080 -> drop",
    ]);
    expect(show(tableOf([local], [])).filter((line) => line.startsWith("unserved"))).toEqual([
      "unserved: 10.100.0.7 . tcp . 80 -> goto refuse",
      "unserved: 203.0.113.5 . tcp . 80 -> goto refuse",
      "unserved-node-ports: tcp . 30080 -> goto refuse",
    ]);
  });

  test("of internalTrafficPolicy Local on a node without an endpoint: nothing gets through, nothing is refused", () => {
    expect(show(tableOf([service({ internalTrafficPolicy: "Local" })], [at("10.0.0.2", undefined, "n2")]))).toEqual([
      "unserved: 10.100.0.7 . tcp . 80 -> drop",
      "service/default/web/tcp/80: meta l4proto tcp dnat ip to 10.0.0.2:8080",
    ]);
  });

  test("of a sticky service: a set of clients per endpoint, for as long as the service says", () => {
    const sticky = service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 90 } } });
    expect(show(tableOf([sticky], [at("10.0.0.1")]))).toEqual([
      "services: 10.100.0.7 . tcp . 80 -> goto service/default/web/tcp/80",
      "endpoint/default/web/tcp/80/10.0.0.1/8080: update @clients/default/web/tcp/80/10.0.0.1/8080 { ip saddr }",
      "endpoint/default/web/tcp/80/10.0.0.1/8080: meta l4proto tcp dnat ip to 10.0.0.1:8080",
      "service/default/web/tcp/80: ip saddr @clients/default/web/tcp/80/10.0.0.1/8080 goto endpoint/default/web/tcp/80/10.0.0.1/8080",
      "service/default/web/tcp/80: numgen random mod 1 vmap { 0 : goto endpoint/default/web/tcp/80/10.0.0.1/8080 }",
      "clients/default/web/tcp/80/10.0.0.1/8080: 90 s",
    ]);
  });

  test("of an IPv6 service stands in a table of its own", () => {
    const both = service({ clusterIPs: ["10.100.0.7", "fd00::7"] });
    const six: EndpointSlice = { ...slice([{ addresses: ["fd00:1::1"], conditions: { ready: true } }]), addressType: "IPv6" };
    const routes = serviceRoutes({ nodeName: "n1", services: [both], slices: [slice([at("10.0.0.1")]), six] });
    expect(show(nodeTable("ip6", routes))).toEqual([
      "services: fd00::7 . tcp . 80 -> goto service/default/web/tcp/80",
      "service/default/web/tcp/80: meta l4proto tcp dnat ip6 to [fd00:1::1]:8080",
    ]);
    expect(show(nodeTable("ip", routes))[1]).toContain("dnat ip to 10.0.0.1:8080");
  });
});

describe("topology hints", () => {
  const hinted = (address: string, zone: string): Endpoint => ({ ...at(address), hints: { forZones: [{ name: zone }] } });
  test.each([
    ["keep traffic in the zone", [hinted("10.0.0.1", "a"), hinted("10.0.0.2", "b")], ["10.0.0.1:8080"]],
    ["count only when every endpoint has them", [hinted("10.0.0.1", "a"), at("10.0.0.2")], ["10.0.0.1:8080", "10.0.0.2:8080"]],
    ["do not leave a zone without endpoints", [hinted("10.0.0.1", "b"), hinted("10.0.0.2", "c")], ["10.0.0.1:8080", "10.0.0.2:8080"]],
  ])("%s", (_, endpoints, expected) => {
    const found = serviceRoutes({ nodeName: "n1", zone: "a", services: [service()], slices: [slice(endpoints)] });
    expect(found.flatMap((route) => route.backends.map(({ address, port }) => `${address}:${port}`))).toEqual(expected);
  });
  test("may mean a node", () => {
    const forNode = (address: string, name: string): Endpoint => ({
      ...at(address),
      hints: { forZones: [{ name: "a" }], forNodes: [{ name }] },
    });
    const found = serviceRoutes({
      nodeName: "n1",
      zone: "a",
      services: [service()],
      slices: [slice([forNode("10.0.0.1", "n1"), forNode("10.0.0.2", "n2")])],
    });
    expect(found[0]?.backends).toEqual([{ address: "10.0.0.1", port: 8080 }]);
  });
});

describe("a change", () => {
  test("touches only what differs, chains before what leads to them", () => {
    const before = tableOf([service()], [at("10.0.0.1")]);
    expect(renderChange(before, before)).toBe("");
    expect(renderChange(before, tableOf([service()], [at("10.0.0.1"), at("10.0.0.2")]))).toBe(
      `flush chain ip slash28-services service/default/web/tcp/80
add rule ip slash28-services service/default/web/tcp/80 meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.0.0.1 . 8080, 1 : 10.0.0.2 . 8080 }
add element ip slash28-services hairpins { 10.0.0.2 . 10.0.0.2 }
`,
    );
    expect(renderChange(before, tableOf([service()], []))).toBe(
      `flush chain ip slash28-services service/default/web/tcp/80
delete element ip slash28-services services { 10.100.0.7 . tcp . 80 }
add element ip slash28-services unserved { 10.100.0.7 . tcp . 80 : goto refuse }
delete element ip slash28-services hairpins { 10.0.0.1 . 10.0.0.1 }
delete chain ip slash28-services service/default/web/tcp/80
`,
    );
  });
});

describe("UDP flows to forget", () => {
  const udp = service({ type: "NodePort", ports: [{ port: 53, protocol: "UDP", nodePort: 30053 }] });
  const udpSlice = (endpoints: readonly Endpoint[]): EndpointSlice => ({
    ...slice(endpoints),
    ports: [{ name: "", port: 53, protocol: "UDP" }],
  });
  const routes = (endpoints: readonly Endpoint[]): readonly ServiceRoute[] =>
    serviceRoutes({ nodeName: "n1", services: [udp], slices: [udpSlice(endpoints)] });
  test("are those of an endpoint that went", () => {
    expect(staleFlows(routes([at("10.0.0.1"), at("10.0.0.2")]), routes([at("10.0.0.2")]))).toEqual([
      { protocol: "udp", address: "10.100.0.7", port: 53, backend: "10.0.0.1" },
      { protocol: "udp", port: 30053, backend: "10.0.0.1" },
    ]);
  });
  test("and those that began before the first endpoint came", () => {
    expect(staleFlows(routes([]), routes([at("10.0.0.2")]))).toEqual([
      { protocol: "udp", address: "10.100.0.7", port: 53 },
      { protocol: "udp", port: 30053 },
    ]);
  });
  test("and none of TCP, whose ends are seen", () => {
    expect(staleFlows(routesOf([service()], [at("10.0.0.1")]), routesOf([service()], []))).toEqual([]);
  });
});

describe("health checks", () => {
  const balanced = service({ type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: 31000 });
  test("of a service tell of the endpoints on this node", () => {
    const view = { nodeName: "n1", services: [balanced, service()], slices: [slice([at("10.0.0.1"), at("10.0.0.2", undefined, "n2")])] };
    const [check, more] = healthChecks(view);
    expect(more).toBeUndefined();
    expect(check).toEqual({ namespace: "default", name: "web", port: 31000, localEndpoints: 1 });
    expect(check === undefined ? undefined : serviceHealthAnswer(check)).toEqual({
      status: 200,
      body: { service: { namespace: "default", name: "web" }, localEndpoints: 1, serviceProxyHealthy: true },
    });
    expect(serviceHealthAnswer({ namespace: "default", name: "web", port: 31000, localEndpoints: 0 }).status).toBe(503);
  });
  test("of the node fail before the first write, and when rules have waited for too long", () => {
    expect(nodeHealthAnswer({ writtenAtMs: undefined, waitingSinceMs: 0 }, 1_000).status).toBe(503);
    expect(nodeHealthAnswer({ writtenAtMs: 1, waitingSinceMs: undefined }, 1e9).status).toBe(200);
    expect(nodeHealthAnswer({ writtenAtMs: 1, waitingSinceMs: 1_000 }, 2_000).status).toBe(200);
    expect(nodeHealthAnswer({ writtenAtMs: 1, waitingSinceMs: 1_000 }, 100_000).status).toBe(503);
  });
});

test("a node's rules are written once per burst of changes, again after a failure, and not when nothing changed", async () => {
  const clock = createManualClock();
  const kube = createMemoryKube({ clock });
  const written: string[] = [];
  let isFailing = false;
  const apply = async (text: string): Promise<void> => {
    if (isFailing) throw new Error("nft failed");
    written.push(text);
  };
  const proxy = createKubeProxy({ kube, nodeName: "n1", apply, clock, random: () => 0, log: quietLog });
  await proxy.synced;
  expect(written).toHaveLength(1);
  await clock.advance(100);
  await kube.create(RESOURCES.services, service());
  await kube.create(RESOURCES.endpointSlices, slice([at("10.0.0.1")]));
  await settle();
  await clock.advance(100);
  expect(written.length).toBeLessThanOrEqual(3);
  expect(written.at(-1)).toContain("dnat ip to 10.0.0.1:8080");
  const before = written.length;
  await kube.patch(RESOURCES.services, "web", "default", { kind: "merge", body: { metadata: { labels: { seen: "yes" } } } });
  await settle();
  await clock.advance(100);
  expect(written).toHaveLength(before);
  isFailing = true;
  await kube.delete(RESOURCES.services, "web", "default");
  await settle();
  await clock.advance(500);
  isFailing = false;
  await clock.advance(2_000);
  expect(written).toHaveLength(before + 1);
  // What the kernel holds is not known after a failure: all of it is written anew.
  expect(written.at(-1)).toContain("delete table ip slash28-services");
  expect(written.at(-1)).not.toContain("10.100.0.7");
  await proxy.stop();
});
