import { Fault, type KubeObject } from "@slash28/ports";
import { cidr6 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { RESOURCE, startInProcess, type InProcess } from "./in-process.ts";

type Spec = Readonly<Record<string, unknown>>;

const a = (name: string, spec: object): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default" },
  spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
});

async function create({ api }: InProcess, name: string, spec: object): Promise<Spec> {
  return (await api.kube.create(RESOURCE.services, a(name, spec)))["spec"] as Spec;
}
async function patch({ api }: InProcess, name: string, spec: object): Promise<Spec> {
  return (await api.kube.patch(RESOURCE.services, name, "default", { kind: "merge", body: { spec } }))["spec"] as Spec;
}
async function why(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Fault)) throw new Error("was not refused", { cause: error });
  return String(error.fields["detail"]);
}
const nodePorts = (spec: Spec): readonly unknown[] => (spec["ports"] as { nodePort?: number }[]).map(({ nodePort }) => nodePort);

describe("defaults", () => {
  test("of a plain service", async () => {
    expect(await create(await startInProcess(), "web", {})).toMatchObject({
      type: "ClusterIP",
      clusterIP: expect.stringMatching(/^10\.100\.1\./),
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
    });
  });
  test("of a sticky one, and the config goes with the affinity", async () => {
    const lab = await startInProcess();
    expect(await create(lab, "web", { sessionAffinity: "ClientIP" })).toMatchObject({
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
    });
    expect(await patch(lab, "web", { sessionAffinity: "None" })).not.toHaveProperty("sessionAffinityConfig");
  });
  test("of a headless one without a selector: its endpoints decide on the family", async () => {
    const spec = await create(await startInProcess(), "web", { clusterIP: "None", selector: undefined, ports: [] });
    expect(spec).toMatchObject({
      clusterIP: "None",
      clusterIPs: ["None"],
      ipFamilyPolicy: "RequireDualStack",
      ipFamilies: ["IPv4", "IPv6"],
    });
  });
  test("a load balancer that nobody makes stays pending, with node ports and a health check port", async () => {
    const lab = await startInProcess();
    const spec = await create(lab, "web", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    expect(spec).toMatchObject({ allocateLoadBalancerNodePorts: true, healthCheckNodePort: expect.any(Number) });
    expect(nodePorts(spec)[0]).not.toBe(spec["healthCheckNodePort"]);
    expect((await lab.api.kube.get(RESOURCE.services, "web", "default"))?.["status"]).toEqual({ loadBalancer: {} });
  });
});

describe("node ports", () => {
  test("are given from behind the part kept for chosen ones, once each", async () => {
    const lab = await startInProcess();
    const ports = [];
    for (const name of ["a", "b", "c"]) ports.push(...nodePorts(await create(lab, name, { type: "NodePort" })));
    expect(new Set(ports).size).toBe(3);
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(30_086);
  });
  test("may be chosen in the range while nobody else has them, and are free again with their service", async () => {
    const lab = await startInProcess();
    const chosen = { type: "NodePort", ports: [{ port: 80, nodePort: 30_080 }] };
    expect(nodePorts(await create(lab, "a", chosen))).toEqual([30_080]);
    expect(await why(create(lab, "b", chosen))).toContain(
      "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
    );
    expect(await why(create(lab, "b", { ...chosen, ports: [{ port: 80, nodePort: 80 }] }))).toContain(
      "provided port is not in the valid range. The range of valid ports is 30000-32767",
    );
    await lab.api.kube.delete(RESOURCE.services, "a", "default");
    expect(nodePorts(await create(lab, "b", chosen))).toEqual([30_080]);
  });
  test("may be one for two protocols of a service, but not twice for one", async () => {
    const lab = await startInProcess();
    const both = [
      { name: "tcp", port: 53, nodePort: 30_053, protocol: "TCP" },
      { name: "udp", port: 53, nodePort: 30_053, protocol: "UDP" },
    ];
    expect(nodePorts(await create(lab, "dns", { type: "NodePort", ports: both }))).toEqual([30_053, 30_053]);
    const twice = [both[0], { ...both[0], name: "more", port: 54 }];
    expect(await why(create(lab, "more", { type: "NodePort", ports: twice }))).toMatch(
      /spec\.ports\[1\]\.nodePort: Duplicate value|already allocated/,
    );
  });
  test("stay through changes, and go with the type; the policies go too", async () => {
    const lab = await startInProcess();
    const first = nodePorts(await create(lab, "web", { type: "NodePort" }));
    expect(nodePorts(await patch(lab, "web", { ports: [{ port: 80, targetPort: 8_080 }] }))).toEqual(first);
    const inside = await patch(lab, "web", { type: "ClusterIP" });
    expect(nodePorts(inside)).toEqual([undefined]);
    expect(inside).not.toHaveProperty("externalTrafficPolicy");
    expect(await why(patch(lab, "web", { ports: [{ port: 80, nodePort: 30_001 }] }))).toContain(
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    );
  });
});

const IPV6 = { serviceRange: cidr6("fd5f:1c53:8a00::/108") };

describe("addresses and families", () => {
  test("a service keeps its address, and gives it back when it becomes an alias", async () => {
    const lab = await startInProcess();
    const { clusterIP } = await create(lab, "web", { clusterIP: "10.100.0.77" });
    expect(clusterIP).toBe("10.100.0.77");
    expect(await why(patch(lab, "web", { clusterIP: "10.100.0.78" }))).toMatch(/may not change once set|first value must match/);
    expect(await why(create(lab, "other", { clusterIP: "10.100.0.77" }))).toContain("provided IP is already allocated");
    const alias = await patch(lab, "web", { type: "ExternalName", externalName: "www.example.com" });
    expect(alias).not.toHaveProperty("clusterIP");
    expect(alias).not.toHaveProperty("ipFamilies");
    expect((await create(lab, "other", { clusterIP: "10.100.0.77" }))["clusterIP"]).toBe("10.100.0.77");
  });
  test.each([
    [{ ipFamilyPolicy: "RequireDualStack" }, "this cluster is not configured for dual-stack services"],
    [{ ipFamilies: ["IPv6"] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    [{ ipFamilies: ["IPv5"] }, "spec.ipFamilies[0]: Unsupported value"],
  ])("%j is refused in a cluster of IPv4", async (spec, said) => {
    expect(await why(create(await startInProcess(), "web", spec))).toContain(said);
  });
  test.each<[object, string]>([
    [{ ipFamilyPolicy: "RequireDualStack" }, 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for'],
    [{ ipFamilies: ["IPv4"] }, 'spec.ipFamilies[0]: Invalid value: "IPv4": not configured on this cluster'],
    [{ ipFamilies: ["IPv6", "IPv4"], ipFamilyPolicy: "PreferDualStack" }, 'spec.ipFamilies[1]: Invalid value: "IPv4": not configured on'],
    [{ ipFamilies: ["IPv6", "IPv4"] }, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"],
    [{ ipFamilies: ["IPv6", "IPv6"] }, 'spec.ipFamilies[1]: Duplicate value: "IPv6"'],
    [{ ipFamilyPolicy: "Both" }, 'spec.ipFamilyPolicy: Unsupported value: "Both"'],
    [{ clusterIP: "10.100.0.77" }, "IPv4 is not configured on this cluster"],
    [{ clusterIP: "10.100.0.77", ipFamilies: ["IPv6"] }, "expected an IPv6 value as indicated by `ipFamilies[0]`"],
    [
      { clusterIP: "fd5f::g" },
      'spec.clusterIPs[0]: Invalid value: "fd5f::g": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [{ clusterIP: "fd00::77" }, "failed to allocate IP fd00::77: the provided network does not match the current range"],
    [{ clusterIP: "fd5f:1c53:8a00::" }, "failed to allocate IP fd5f:1c53:8a00::: the provided network does not match the current range"],
    [{ clusterIP: "fd5f:1c53:8a00::1" }, "failed to allocate IP fd5f:1c53:8a00::1: provided IP is already allocated"],
  ])("%j is refused in a cluster of IPv6", async (spec, said) => {
    expect(await why(create(await startInProcess(IPV6), "web", spec))).toContain(said);
  });
  test("in a cluster of IPv6 services have that family, whatever their type, and may name the last address of the range", async () => {
    const lab = await startInProcess(IPV6);
    const family = { ipFamilies: ["IPv6"], ipFamilyPolicy: "SingleStack" };
    const own = await lab.api.kube.get(RESOURCE.services, "kubernetes", "default");
    expect(own?.["spec"]).toMatchObject({ clusterIP: "fd5f:1c53:8a00::1", clusterIPs: ["fd5f:1c53:8a00::1"], ...family });
    const web = await create(lab, "web", {});
    expect(web).toMatchObject({ clusterIP: expect.stringMatching(/^fd5f:1c53:8a00::/), clusterIPs: [web["clusterIP"]], ...family });
    expect(nodePorts(await create(lab, "open", { type: "NodePort", ipFamilies: ["IPv6"] }))[0]).toBeGreaterThanOrEqual(30_000);
    expect(await create(lab, "named", { clusterIP: "fd5f:1c53:8a00::f:ffff" })).toMatchObject({
      clusterIP: "fd5f:1c53:8a00::f:ffff",
      ...family,
    });
    expect(await create(lab, "headless", { clusterIP: "None" })).toMatchObject({ clusterIPs: ["None"], ...family });
    expect(await create(lab, "free", { clusterIP: "None", selector: undefined })).toMatchObject({
      ipFamilyPolicy: "RequireDualStack",
      ipFamilies: ["IPv6", "IPv4"],
    });
    expect(await create(lab, "prefer", { ipFamilyPolicy: "PreferDualStack" })).toMatchObject({
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv6"],
    });
    expect(await patch(lab, "web", { ipFamilyPolicy: "PreferDualStack" })).toMatchObject({
      clusterIP: web["clusterIP"],
      ipFamilies: ["IPv6"],
    });
  });
  test("an IPv4 address may not be the first of the range, which is the range's own, or the last, which is its broadcast address", async () => {
    const lab = await startInProcess();
    for (const clusterIP of ["10.100.0.0", "10.100.255.255"])
      expect(await why(create(lab, "web", { clusterIP }))).toContain("the provided network does not match the current range");
  });
  test("PreferDualStack takes what there is", async () => {
    expect(await create(await startInProcess(), "web", { ipFamilyPolicy: "PreferDualStack" })).toMatchObject({
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv4"],
    });
  });
});

describe("what is refused, in the API server's words", () => {
  test.each([
    [{ ports: [] }, "spec.ports: Required value"],
    [{ ports: [{ port: 80 }, { port: 81 }] }, "spec.ports[0].name: Required value"],
    [
      {
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 80 },
        ],
      },
      "spec.ports[1]: Duplicate value",
    ],
    [
      {
        ports: [
          { name: "a", port: 80 },
          { name: "a", port: 81 },
        ],
      },
      'spec.ports[1].name: Duplicate value: "a"',
    ],
    [{ sessionAffinity: "Cookie" }, 'spec.sessionAffinity: Unsupported value: "Cookie"'],
    [
      { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 90_000 } } },
      "must be greater than 0 and less than 86400",
    ],
    [{ externalTrafficPolicy: "Local" }, "may only be set for externally-accessible services"],
    [{ internalTrafficPolicy: "Node" }, "spec.internalTrafficPolicy: Unsupported value"],
    [{ trafficDistribution: "Nearest" }, "spec.trafficDistribution: Unsupported value"],
    [{ healthCheckNodePort: 31_000 }, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"],
    [{ loadBalancerClass: "x.example/nlb" }, "may only be used when `type` is 'LoadBalancer'"],
    [{ type: "NodePort", clusterIP: "None" }, "may not be set to 'None' for NodePort services"],
    [{ type: "ExternalName", externalName: "not a name" }, "spec.externalName: Invalid value"],
    [{ type: "ExternalName" }, "spec.externalName: Required value"],
  ])("%j", async (spec, said) => {
    expect(await why(create(await startInProcess(), "web", spec))).toContain(said);
  });
});
