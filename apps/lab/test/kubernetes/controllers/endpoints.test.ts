import { describe, expect, test } from "vitest";
import { endpointSlicesFor, endpointsFor } from "../../../src/kubernetes/controllers/endpoints/endpoint-slices.ts";
import { isMirrored, mirroredSlices } from "../../../src/kubernetes/controllers/endpoints/mirror-endpoints.ts";
import type { Endpoints, Pod, Service } from "../../../src/kubernetes/controllers/objects/index.ts";
import { aNode, aPod } from "../objects.ts";
import type { PodLook } from "../objects.ts";

const service = (spec: Partial<Service["spec"]> = {}): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default", uid: "svc" },
  spec: { clusterIP: "10.100.0.1", selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});

const zoneOf = (name: string) => aNode(name, { labels: { "topology.kubernetes.io/zone": "us-east-1a" } });
const serving = (name: string, ip: string, look: PodLook = {}): Pod => aPod(name, { ip, node: "n1", readyFor: 9, ...look });
const slices = (of: Service, pods: readonly Pod[]) => endpointSlicesFor({ service: of, pods, zoneOf });
const endpoints = (of: Service, pods: readonly Pod[]) => slices(of, pods).flatMap((slice) => slice.endpoints ?? []);

describe("endpoint slices", () => {
  test("hold each matching pod with its node, zone and state", () => {
    const pods = [
      serving("a", "10.0.0.1"),
      aPod("b", { ip: "10.0.0.2" }),
      serving("c", "10.0.0.3", { isEnding: true }),
      serving("x", "10.0.0.9", { labels: {} }),
    ];
    expect(endpoints(service(), pods)).toEqual([
      {
        addresses: ["10.0.0.1"],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: "n1",
        zone: "us-east-1a",
        targetRef: { kind: "Pod", name: "a", namespace: "default", uid: "uid-a" },
      },
      expect.objectContaining({ addresses: ["10.0.0.2"], conditions: { ready: false, serving: false, terminating: false } }),
      expect.objectContaining({ addresses: ["10.0.0.3"], conditions: { ready: false, serving: true, terminating: true } }),
    ]);
  });

  test("of an IPv6 service are of IPv6, also while it has no endpoints; so are its Endpoints", () => {
    const six = service({ clusterIP: "fd5f:1c53:8a00::101", ipFamilies: ["IPv6"] });
    expect(slices(six, []).map(({ addressType, endpoints }) => [addressType, endpoints])).toEqual([["IPv6", []]]);
    const [slice, ...more] = slices(six, [serving("a", "2001:db8::a"), serving("b", "10.0.0.2")]);
    expect([slice?.addressType, slice?.endpoints?.map(({ addresses }) => addresses), more]).toEqual(["IPv6", [["2001:db8::a"]], []]);
    const made = endpointsFor({ service: six, pods: [serving("a", "2001:db8::a")], zoneOf });
    expect(made.subsets?.flatMap(({ addresses }) => addresses?.map(({ ip }) => ip))).toEqual(["2001:db8::a"]);
  });

  test("leave out pods without an address and finished ones", () => {
    expect(endpoints(service(), [aPod("a"), serving("b", "10.0.0.2", { phase: "Succeeded" })])).toEqual([]);
  });

  test("say ready for pods that are not, where the service publishes them", () => {
    expect(endpoints(service({ publishNotReadyAddresses: true }), [aPod("a", { ip: "10.0.0.1" })])[0]?.conditions?.ready).toBe(true);
  });

  test("look a named port up in each pod, so pods with different numbers are in different slices", () => {
    const named = service({ ports: [{ name: "http", port: 80, targetPort: "web" }] });
    const on = (name: string, ip: string, containerPort: number): Pod =>
      serving(name, ip, { spec: { containers: [{ name: "c", ports: [{ name: "web", containerPort }] }] } });
    const made = slices(named, [
      on("a", "10.0.0.1", 8080),
      on("b", "10.0.0.2", 9090),
      on("c", "10.0.0.3", 8080),
      serving("none", "10.0.0.4"),
    ]);
    expect(made.map((slice) => [slice.ports?.[0], slice.endpoints?.flatMap(({ addresses }) => addresses)])).toEqual([
      [{ name: "http", port: 8080, protocol: "TCP" }, ["10.0.0.1", "10.0.0.3"]],
      [{ name: "http", port: 9090, protocol: "TCP" }, ["10.0.0.2"]],
    ]);
  });

  test("hold a hundred each, under names that stay", () => {
    const pods = Array.from({ length: 230 }, (_, i) => serving(`p${1_000 + i}`, `10.0.${i >> 8}.${i & 255}`));
    const made = slices(service(), pods);
    expect(made.map((slice) => slice.endpoints?.length)).toEqual([100, 100, 30]);
    expect(slices(service(), pods.slice(1)).map((slice) => slice.metadata.name)).toEqual(made.map((slice) => slice.metadata.name));
  });

  test("a service without endpoints has one empty slice that knows the ports", () => {
    expect(slices(service(), [])).toMatchObject([{ ports: [{ name: "", port: 8080, protocol: "TCP" }], endpoints: [] }]);
  });
});

test("Endpoints tell ready from not ready and leave out ending pods", () => {
  const pods = [serving("a", "10.0.0.1"), aPod("b", { ip: "10.0.0.2" }), serving("c", "10.0.0.3", { isEnding: true })];
  expect(endpointsFor({ service: service(), pods, zoneOf }).subsets).toMatchObject([
    { addresses: [{ ip: "10.0.0.1", nodeName: "n1" }], notReadyAddresses: [{ ip: "10.0.0.2" }], ports: [{ port: 8080, protocol: "TCP" }] },
  ]);
});

describe("what slices tell besides", () => {
  const named = (subdomain: string): Pod => serving("db", "10.0.0.1", { spec: { hostname: "db-0", subdomain } });
  test("a pod whose subdomain is the service has its hostname there, and no other", () => {
    expect(endpoints(service(), [named("web")])[0]).toMatchObject({ hostname: "db-0" });
    expect(endpoints(service(), [named("other")])[0]).not.toHaveProperty("hostname");
    expect(endpointsFor({ service: service(), pods: [named("web")], zoneOf }).subsets?.[0]?.addresses?.[0]).toMatchObject({
      hostname: "db-0",
    });
  });

  test.each([
    ["PreferClose", { forZones: [{ name: "us-east-1a" }] }],
    ["PreferSameZone", { forZones: [{ name: "us-east-1a" }] }],
    ["PreferSameNode", { forZones: [{ name: "us-east-1a" }], forNodes: [{ name: "n1" }] }],
    [undefined, undefined],
  ])("trafficDistribution %s means each endpoint for %j", (trafficDistribution, hints) => {
    const of = service(trafficDistribution === undefined ? {} : { trafficDistribution });
    expect(endpoints(of, [serving("a", "10.0.0.1")])[0]?.hints).toEqual(hints);
  });

  test("a service of two families has slices of both", () => {
    const pod = serving("a", "10.0.0.1");
    const both: Pod = { ...pod, status: { ...pod.status, podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] } };
    const made = slices(service({ ipFamilies: ["IPv6", "IPv4"] }), [both]);
    expect(made.map(({ addressType, endpoints }) => [addressType, endpoints?.[0]?.addresses])).toEqual([
      ["IPv6", ["fd00::1"]],
      ["IPv4", ["10.0.0.1"]],
    ]);
    expect(new Set(made.map(({ metadata }) => metadata.name)).size).toBe(2);
  });
});

describe("Endpoints written by hand", () => {
  const written = (more: Partial<Endpoints["metadata"]> = {}): Endpoints => ({
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "db", namespace: "default", uid: "e", ...more },
    subsets: [{ addresses: [{ ip: "10.1.1.1" }, { ip: "fd00::1" }], notReadyAddresses: [{ ip: "10.1.1.2" }], ports: [{ port: 5432 }] }],
  });
  test("become slices, one per family, owned by them", () => {
    const made = mirroredSlices(written());
    expect(made.map(({ addressType, endpoints }) => [addressType, endpoints])).toEqual([
      [
        "IPv4",
        [
          { addresses: ["10.1.1.1"], conditions: { ready: true } },
          { addresses: ["10.1.1.2"], conditions: { ready: false } },
        ],
      ],
      ["IPv6", [{ addresses: ["fd00::1"], conditions: { ready: true } }]],
    ]);
    expect(made[0]?.metadata).toMatchObject({
      labels: { "kubernetes.io/service-name": "db", "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io" },
      ownerReferences: [{ kind: "Endpoints", name: "db" }],
    });
    expect(made[0]?.ports).toEqual([{ name: "", port: 5432, protocol: "TCP" }]);
  });
  test("are left alone when a controller made them, when they say so, or when they hold a lease", () => {
    expect(isMirrored(written())).toBe(true);
    expect(isMirrored(written({ labels: { "endpoints.kubernetes.io/managed-by": "endpoint-controller" } }))).toBe(false);
    expect(isMirrored(written({ labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } }))).toBe(false);
    expect(isMirrored(written({ annotations: { "control-plane.alpha.kubernetes.io/leader": "{}" } }))).toBe(false);
  });
});
