import { RESOURCES } from "@slash28/kube";
import { createManualClock, createMemoryKube, quietLog, settle } from "@slash28/testkit";
import { describe, expect, test } from "vitest";
import type { Endpoint, EndpointSlice, Service } from "../../../src/kubernetes/controllers/objects/index.ts";
import { createKubeProxy, renderServices, serviceRoutes } from "../../../src/kubernetes/kube-proxy/index.ts";

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
    [
      "those of this node, where the service says Local",
      { internalTrafficPolicy: "Local" },
      [at("10.0.0.1", undefined, "n2"), at("10.0.0.2")],
      ["10.0.0.2:8080"],
    ],
  ] as const)("%s", (_, spec, endpoints, expected) => {
    expect(backends(service(spec), endpoints)).toEqual(expected);
  });

  test.each([
    ["headless", { clusterIP: "None" }],
    ["external", { type: "ExternalName" }],
    ["IPv6 only", { clusterIPs: ["fd00::1"] }],
  ] as const)("a service that is %s has no route", (_, spec) => {
    expect(serviceRoutes({ nodeName: "n1", services: [service(spec)], slices: [] })).toEqual([]);
  });
});

test("the text of two services, one of them without endpoints", () => {
  const dns: Service = {
    ...service({ clusterIP: "10.100.0.10", ports: [{ name: "dns", port: 53, protocol: "UDP" }] }),
    metadata: { name: "dns", namespace: "kube-system" },
  };
  const routes = serviceRoutes({ nodeName: "n1", services: [service(), dns], slices: [slice([at("10.0.0.1"), at("10.0.0.2")])] });
  expect(renderServices(routes).split("chain dispatch")[0]).toMatchInlineSnapshot(`
    "add table ip slash28-services
    delete table ip slash28-services
    table ip slash28-services {
    	map services {
    		type ipv4_addr . inet_proto . inet_service : verdict
    		elements = {
    			10.100.0.7 . tcp . 80 : goto service-0,
    		}
    	}
    	set refused {
    		type ipv4_addr . inet_proto . inet_service
    		elements = {
    			10.100.0.10 . udp . 53,
    		}
    	}
    	map node-ports {
    		type inet_proto . inet_service : verdict
    	}
    	set hairpins {
    		type ipv4_addr . ipv4_addr
    		elements = {
    			10.0.0.1 . 10.0.0.1,
    			10.0.0.2 . 10.0.0.2,
    		}
    	}
    	chain service-0 {
    		comment "default/web:80"
    		meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.0.0.1 . 8080, 1 : 10.0.0.2 . 8080 }
    	}
    	"
  `);
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
  expect(written.at(-1)).not.toContain("10.100.0.7");
  await proxy.stop();
});
