import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findKubectl, startLabCluster, type LabCluster } from "./lab-cluster.ts";

const kubectl = findKubectl();

const CRD = JSON.stringify({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "gadgets", kind: "Gadget", shortNames: ["gd"], categories: ["all"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: ".spec.count", statusReplicasPath: ".status.count" } },
        schema: {
          openAPIV3Schema: {
            type: "object",
            description: "A gadget is a thing.",
            properties: {
              spec: {
                type: "object",
                required: ["count"],
                properties: {
                  count: { type: "integer", description: "How many." },
                  parts: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    items: { type: "object", required: ["name"], properties: { name: { type: "string" }, size: { type: "integer" } } },
                  },
                },
              },
              status: { type: "object", properties: { count: { type: "integer" } } },
            },
          },
        },
      },
    ],
  },
});

function list(...items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

const map = (name: string, rest: object): object => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...rest });

describe.skipIf(kubectl === undefined)("kubectl by the published schemas", () => {
  let cluster: LabCluster;
  const run = (command: string, input?: string): Promise<string> => cluster.kubectl(command, input);

  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
    await run("apply -f -", CRD);
    await run("wait --for=condition=Established crd/gadgets.example.com");
  });

  afterAll(async () => {
    expect(cluster.failures).toEqual([]);
    await cluster.close();
  });

  test("a list of objects is checked and applied", async () => {
    expect(await run("apply -f -", list(map("l1", { data: { a: "1" } }), map("l2", {})))).toBe(
      "configmap/l1 created\nconfigmap/l2 created\n",
    );
    const wrong = await cluster.run(["apply", "-f", "-"], list(map("l1", { dat: {} })));
    expect(wrong.stderr).toContain('ValidationError(ConfigMap): unknown field "dat" in io.k8s.api.core.v1.ConfigMap');
  });

  test("explain tells of built-in and custom types", async () => {
    expect(await run("explain pod.spec.containers.ports")).toMatch(/containerPort\s<integer> -required-\n\s+Number of port to expose/);
    const deployment = await run("explain deployment --recursive");
    expect(deployment).toMatch(/\n {8}containers\s<\[\]Container> -required-\n(?: {10}.*\n)* {10}env\s<\[\]EnvVar>/);
    expect(await run("explain gadget")).toContain("A gadget is a thing.");
    expect(await run("explain gadget.spec --recursive")).toMatch(
      /count\s<integer> -required-\n\s+parts\s<\[\]Object>\n\s+name\s<string> -required-/,
    );
    expect(await run("explain crd.spec.versions.schema.openAPIV3Schema.type")).toContain("FIELD: type <string>");
  });

  test("every kind of patch, of status and scale too", async () => {
    await run("create deployment web --image=nginx");
    const patch = (type: string, body: object, ...rest: readonly string[]): Promise<unknown> =>
      run(`patch deployment web --type=${type} -p ${JSON.stringify(body)} ${rest.join(" ")}`.trim());
    await patch("strategic", {
      spec: { template: { spec: { containers: [{ name: "side", image: "x", ports: [{ containerPort: 1 }] }] } } },
    });
    await patch("strategic", { spec: { template: { spec: { containers: [{ name: "nginx", $patch: "delete" }] } } } });
    await patch("strategic", { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } });
    await patch("merge", { metadata: { labels: { a: "b" } } });
    await patch("json", [{ op: "add", path: "/metadata/labels/c", value: "d" }]);
    await patch("merge", { spec: { replicas: 7 } }, "--subresource=scale");
    await patch("merge", { status: { replicas: 3 }, spec: { replicas: 1 } }, "--subresource=status");
    const shown =
      "jsonpath={.spec.template.spec.containers[*].name}|{.spec.strategy}|{.metadata.labels}|{.spec.replicas}|{.status.replicas}";
    expect(await run(`get deployment web -o ${shown}`)).toBe('side|{"type":"Recreate"}|{"a":"b","app":"web","c":"d"}|7|3');
    const scale = (await run("get deployment web --subresource=scale")).split("\n").map((line) => line.trim().split(/\s+/));
    expect([scale[0], scale[1]?.slice(0, 3)]).toEqual([
      ["NAME", "DESIRED", "AVAILABLE", "AGE"],
      ["web", "7", "3"],
    ]);
  });

  test("what kubectl refuses and what the server refuses read as they do upstream", async () => {
    const gadget = (spec: object): string =>
      JSON.stringify({ apiVersion: "example.com/v1", kind: "Gadget", metadata: { name: "g" }, spec });
    const strict = await cluster.run(["create", "-f", "-"], gadget({ count: 1, extra: 2 }));
    expect(strict.stderr).toContain('strict decoding error: unknown field "spec.extra"');
    const warned = await cluster.run(["create", "--validate=warn", "--dry-run=server", "-f", "-"], gadget({ count: 1, extra: 2 }));
    expect([warned.code, warned.stderr]).toEqual([0, expect.stringContaining('Warning: unknown field "spec.extra"')]);
    const ignored = await cluster.run(["create", "--validate=false", "--dry-run=server", "-f", "-"], gadget({ count: 1, extra: 2 }));
    expect([ignored.code, ignored.stderr]).toEqual([0, ""]);
    const missing = await cluster.run(["create", "-f", "-"], gadget({}));
    expect(missing.stderr).toContain('The Gadget "g" is invalid: spec.count: Required value');
  });

  test("top and autoscalers say that nothing is measured", async () => {
    await run("create deployment measured --image=nginx");
    // What `kubectl autoscale` asks for before 1.35; since then it is autoscaling/v2, as below.
    const v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
    const old = await cluster.run(["create", "--raw", v1, "-f", "-"], JSON.stringify({ metadata: { name: "measured" } }));
    expect(old).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("scales nothing by it, because nothing measures CPU and memory"),
    });
    for (const what of ["nodes", "pods"]) {
      expect(await cluster.run(["top", what])).toMatchObject({ code: 1, stderr: expect.stringContaining("Metrics API not available") });
    }
    const autoscaler = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "of-a-chart" },
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "measured" } },
    };
    const applied = await cluster.run(["apply", "-f", "-"], JSON.stringify(autoscaler));
    expect(applied).toMatchObject({ code: 0, stderr: expect.stringContaining("this autoscaler scales nothing") });
    await run("delete deployment measured");
  });

  test("custom resources: server-side apply by list keys, scale, short names, categories", async () => {
    const gadget = (parts: readonly object[], rest: object = {}): string =>
      JSON.stringify({ apiVersion: "example.com/v1", kind: "Gadget", metadata: { name: "g" }, spec: { parts, ...rest } });
    await run("apply --server-side --field-manager=one -f -", gadget([{ name: "a", size: 1 }], { count: 1 }));
    await run("apply --server-side --field-manager=two -f -", gadget([{ name: "b", size: 2 }]));
    await run("apply --server-side --field-manager=one -f -", gadget([], { count: 1 }));
    expect(await run("get gd g -o jsonpath={.spec.parts}")).toBe('[{"name":"b","size":2}]');
    await run("scale gadget g --replicas=4");
    expect(await run("get gadget g -o jsonpath={.spec.count}")).toBe("4");
    expect(await run("get all -o name")).toContain("gadget.example.com/g");
    await run("delete crd gadgets.example.com");
    expect((await cluster.run(["get", "gadgets"])).stderr).toContain("the server could not find the requested resource");
  });
});
