import { cidr6 } from "@slash28/address";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findKubectl, startLabCluster, type LabCluster } from "./lab-cluster.ts";

const kubectl = findKubectl();
if (kubectl === undefined) console.warn("kubectl is not here (SLASH28_KUBECTL, PATH, .cache/bin): the tests that run it are skipped");

const ADDRESS = /fd5f:1c53:8a00::[0-9a-f:]+/;

describe.skipIf(kubectl === undefined)("kubectl on a cluster whose services are of IPv6", () => {
  let lab: LabCluster;
  beforeAll(async () => {
    lab = await startLabCluster(kubectl ?? "", cidr6("fd5f:1c53:8a00::/108"));
  });
  afterAll(() => lab.close());
  const columns = async (command: string): Promise<readonly string[]> => (await lab.kubectl(command)).trim().split(/\s+/);

  test("get, create and expose show addresses of the range", async () => {
    expect((await columns("get svc kubernetes --no-headers")).slice(0, 3)).toEqual(["kubernetes", "ClusterIP", "fd5f:1c53:8a00::1"]);
    await lab.kubectl("create service clusterip plain --tcp=80:8080");
    await lab.kubectl("create service nodeport open --tcp=80 --node-port=30080");
    await lab.kubectl("create service clusterip bare --clusterip=None");
    await lab.kubectl("create deployment web --image=nginx");
    await lab.kubectl("expose deployment web --port=80");
    for (const name of ["plain", "web"]) expect((await columns(`get svc ${name} --no-headers`))[2]).toMatch(ADDRESS);
    expect((await columns("get svc open --no-headers")).slice(2, 5)).toEqual([expect.stringMatching(ADDRESS), "<none>", "80:30080/TCP"]);
    expect((await columns("get svc bare --no-headers"))[2]).toBe("None");
  });

  test("describe says the family, and where the endpoints are", async () => {
    const slice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
      addressType: "IPv6",
      ports: [{ port: 80 }],
      endpoints: [{ addresses: ["2001:db8:8000:1::b"] }],
    };
    await lab.kubectl("create -f -", JSON.stringify(slice));
    const text = await lab.kubectl("describe svc web");
    expect(text).toMatch(/IP Family Policy: +SingleStack\nIP Families: +IPv6\nIP: +fd5f:1c53:8a00::/);
    expect(text).toMatch(/Endpoints: +\[2001:db8:8000:1::b\]:80/);
    expect((await columns("get endpointslices web-1 --no-headers")).slice(0, 4)).toEqual(["web-1", "IPv6", "80", "2001:db8:8000:1::b"]);
    const written = { apiVersion: "v1", kind: "Endpoints", metadata: { name: "db" } };
    const subsets = [{ addresses: [{ ip: "2001:db8::5" }], ports: [{ port: 5432 }] }];
    await lab.kubectl("create -f -", JSON.stringify({ ...written, subsets }));
    expect(await columns("get endpoints db --no-headers")).toContain("[2001:db8::5]:5432");
  });

  test("IPv4 and both families are refused", async () => {
    const refused = async (spec: object): Promise<string> => {
      const service = { apiVersion: "v1", kind: "Service", metadata: { name: "old" }, spec: { ports: [{ port: 80 }], ...spec } };
      return (await lab.run(["create", "-f", "-"], JSON.stringify(service))).stderr;
    };
    expect(await refused({ ipFamilies: ["IPv4"] })).toContain('spec.ipFamilies[0]: Invalid value: "IPv4": not configured on this cluster');
    expect(await refused({ ipFamilyPolicy: "RequireDualStack" })).toContain("this cluster is not configured for dual-stack services");
    expect((await lab.run(["create", "service", "clusterip", "old", "--tcp=80", "--clusterip=10.100.0.9"])).stderr).toContain(
      "IPv4 is not configured on this cluster",
    );
  });
});
