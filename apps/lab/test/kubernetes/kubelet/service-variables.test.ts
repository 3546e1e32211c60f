import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import type { Pod } from "../../../src/kubernetes/kubelet/index.ts";
import { serviceVariables } from "../../../src/kubernetes/kubelet/service-variables.ts";
import type { LinkedService } from "../../../src/kubernetes/kubelet/service-variables.ts";
import { simulatedNode, type SimulatedNode } from "./simulated-node.ts";

const service = (at: string, spec: NonNullable<LinkedService["spec"]>): LinkedService => {
  const [namespace = "", name = ""] = at.split("/");
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec };
};
const api = service("default/kubernetes", { clusterIP: "10.100.0.1", ports: [{ name: "https", port: 443 }] });
const db = service("shop/my-db", {
  clusterIP: "10.100.0.9",
  ports: [
    { name: "sql", port: 5432, protocol: "TCP" },
    { name: "peer-to-peer", port: 7946, protocol: "UDP" },
  ],
});

describe("what a container is told of services", () => {
  test("host, ports by name, and a link per port", () => {
    expect(serviceVariables([db], { namespace: "shop", hasLinks: true })).toEqual({
      MY_DB_SERVICE_HOST: "10.100.0.9",
      MY_DB_SERVICE_PORT: "5432",
      MY_DB_SERVICE_PORT_SQL: "5432",
      MY_DB_SERVICE_PORT_PEER_TO_PEER: "7946",
      MY_DB_PORT: "tcp://10.100.0.9:5432",
      MY_DB_PORT_5432_TCP: "tcp://10.100.0.9:5432",
      MY_DB_PORT_5432_TCP_PROTO: "tcp",
      MY_DB_PORT_5432_TCP_PORT: "5432",
      MY_DB_PORT_5432_TCP_ADDR: "10.100.0.9",
      MY_DB_PORT_7946_UDP: "udp://10.100.0.9:7946",
      MY_DB_PORT_7946_UDP_PROTO: "udp",
      MY_DB_PORT_7946_UDP_PORT: "7946",
      MY_DB_PORT_7946_UDP_ADDR: "10.100.0.9",
    });
  });

  test("an IPv6 address stands in brackets where a port follows", () => {
    const six = service("shop/six", { clusterIP: "fd00::9", ports: [{ port: 80 }] });
    expect(serviceVariables([six], { namespace: "shop", hasLinks: true })).toMatchObject({
      SIX_SERVICE_HOST: "fd00::9",
      SIX_PORT: "tcp://[fd00::9]:80",
    });
  });

  test("nothing of services without an address, nor of other namespaces; of the API server always", () => {
    const others = [
      service("shop/headless", { clusterIP: "None", ports: [{ port: 80 }] }),
      service("shop/elsewhere", { ports: [{ port: 80 }] }),
      service("bank/vault", { clusterIP: "10.100.0.7", ports: [{ port: 80 }] }),
      service("shop/kubernetes", { clusterIP: "10.100.0.8", ports: [{ port: 80 }] }),
      api,
      db,
    ];
    const hostsOf = (hasLinks: boolean): unknown =>
      Object.entries(serviceVariables(others, { namespace: "shop", hasLinks })).filter(([name]) => name.endsWith("_SERVICE_HOST"));
    expect(hostsOf(true)).toEqual([
      ["KUBERNETES_SERVICE_HOST", "10.100.0.1"],
      ["MY_DB_SERVICE_HOST", "10.100.0.9"],
    ]);
    expect(hostsOf(false)).toEqual([["KUBERNETES_SERVICE_HOST", "10.100.0.1"]]);
  });
});

describe("a container that starts", () => {
  let node: SimulatedNode;
  afterEach(() => node.stop());

  test("has them in its environment, after which its own variables win", async () => {
    node = await simulatedNode();
    const { kube, kubelet } = node;
    await kube.create({ group: "", version: "v1", plural: "services" }, db);
    await kube.create(
      { group: "", version: "v1", plural: "services" },
      service("shop/web", { clusterIP: "10.100.0.4", ports: [{ port: 80 }] }),
    );
    const create = (name: string, spec: object): Promise<unknown> =>
      kube.create<Pod>(
        { group: "", version: "v1", plural: "pods" },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name, namespace: "shop" },
          spec: { nodeName: "node-a", restartPolicy: "Never", containers: [{ name: "show", image: "show-environment", ...spec }] },
        },
      );
    const env = [
      { name: "WEB_SERVICE_HOST", value: "own" },
      { name: "URL", value: "$(MY_DB_PORT)" },
    ];
    await create("linked", { env });
    const [pod] = await kube.until<Pod>("pods", "it has shown its environment", ([one]) => one?.status?.phase === "Succeeded");
    expect(pod?.metadata.name).toBe("linked");
    const lines = await text(
      await kubelet.runtime.logs(
        { namespace: "shop", pod: "linked" },
        { follow: false, previous: false, timestamps: false },
        new AbortController().signal,
      ),
    );
    expect(lines.split("\n")).toEqual(
      expect.arrayContaining([
        "MY_DB_SERVICE_PORT_SQL=5432",
        "WEB_SERVICE_HOST=own",
        "URL=tcp://10.100.0.9:5432",
        "KUBERNETES_SERVICE_HOST=172.20.0.1",
      ]),
    );
  });
});
