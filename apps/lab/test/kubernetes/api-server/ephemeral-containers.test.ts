import { at, listOf } from "@slash28/kube-store";
import { afterAll, beforeEach, expect, test } from "vitest";

import { body, RESOURCE, startInProcess } from "./in-process.ts";

const server = await startInProcess();
const POD = "/api/v1/namespaces/default/pods/app";
const PART = `${POD}/ephemeralcontainers`;
const LOOK = { name: "look", image: "busybox", targetContainerName: "main", stdin: true, tty: true };

beforeEach(async () => {
  await server.api.kube.delete(RESOURCE.pods, "app", "default", { gracePeriodSeconds: 0 });
  await server.api.kube.create(RESOURCE.pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "app", namespace: "default", labels: { app: "web" } },
    spec: { containers: [{ name: "main", image: "nginx" }] },
  });
});

afterAll(() => server.api.close());

const ORDER = ["look", "again"].map((name) => ({ name }));

/** As `kubectl debug` sends it. */
function patch(containers: readonly object[], path = PART): Promise<Record<string, unknown>> {
  return server.json(path, {
    method: "PATCH",
    headers: { "content-type": "application/strategic-merge-patch+json" },
    body: JSON.stringify({ spec: { ephemeralContainers: containers, "$setElementOrder/ephemeralContainers": ORDER } }),
  });
}

function namesOf(pod: unknown): readonly unknown[] {
  return listOf(at(pod, "spec", "ephemeralContainers")).map((container) => at(container, "name"));
}

test("containers are added one after the other, with defaults, and noted as written through their part", async () => {
  expect(at(await patch([LOOK]), "spec", "ephemeralContainers")).toEqual([
    {
      ...LOOK,
      imagePullPolicy: "Always",
      resources: {},
      terminationMessagePath: "/dev/termination-log",
      terminationMessagePolicy: "File",
    },
  ]);
  expect(namesOf(await patch([{ name: "again", image: "busybox:1" }]))).toEqual(["look", "again"]);
  const pod = await server.json(POD);
  expect(namesOf(pod)).toEqual(["look", "again"]);
  const written = listOf(at(pod, "metadata", "managedFields")).filter((entry) => at(entry, "subresource") === "ephemeralcontainers");
  expect(written).toHaveLength(1);
  expect(await server.json(PART)).toEqual(pod);
});

test("of what is put there nothing else of the pod counts", async () => {
  const before = await server.json(POD);
  const sent = {
    ...before,
    metadata: { ...Object(at(before, "metadata")), labels: { app: "other" } },
    spec: { ...Object(before["spec"]), hostNetwork: true, ephemeralContainers: [LOOK] },
  };
  const pod = await server.json(PART, { ...body(sent), method: "PUT" });
  expect(namesOf(pod)).toEqual(["look"]);
  expect(pod).toMatchObject({ metadata: { labels: { app: "web" } } });
  expect(at(pod, "spec", "hostNetwork")).toBeUndefined();
  // An update from an old read is refused as any other.
  expect(await server.json(PART, { ...body(sent), method: "PUT" })).toMatchObject({ code: 409 });
});

test.each([
  ["has a name of its own", { ...LOOK, name: "main" }, 'spec.ephemeralContainers[0].name: Duplicate value: "main"'],
  [
    "has a target that is there",
    { ...LOOK, targetContainerName: "no" },
    'spec.ephemeralContainers[0].targetContainerName: Not found: "no"',
  ],
  ["has an image", { name: "look" }, "spec.ephemeralContainers[0].image: Required value"],
  [
    "asks for no resources",
    { ...LOOK, resources: { requests: { cpu: "1" } } },
    "spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container",
  ],
  [
    "is not probed",
    { ...LOOK, livenessProbe: { tcpSocket: { port: 80 } } },
    "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container",
  ],
])("one %s", async (_, container, why) => {
  expect(await patch([container])).toMatchObject({ code: 422, message: expect.stringContaining(why) });
});

test("what was added stays, as it is, and comes by no other way", async () => {
  await patch([LOOK]);
  const pod = await server.json(POD);
  const put = (containers: readonly object[]): Promise<Record<string, unknown>> =>
    server.json(PART, { ...body({ ...pod, spec: { ...Object(pod["spec"]), ephemeralContainers: containers } }), method: "PUT" });
  expect(await put([])).toMatchObject({
    code: 422,
    message: expect.stringContaining('existing ephemeral containers "look" may not be removed'),
  });
  expect(await put([{ ...LOOK, image: "other" }])).toMatchObject({
    code: 422,
    message: expect.stringContaining('existing ephemeral containers "look" may not be changed'),
  });
  expect(await patch([{ name: "second", image: "busybox" }], POD)).toMatchObject({
    code: 422,
    message: expect.stringContaining("pod updates may not change fields other than"),
  });
  const create = body({ ...pod, metadata: { name: "born-with-it" } });
  expect(await server.json("/api/v1/namespaces/default/pods", create)).toMatchObject({
    code: 422,
    message: expect.stringContaining("spec.ephemeralContainers: Forbidden: cannot be set on create"),
  });
});

test("a namespace's security level holds for them, and clients find the part", async () => {
  const label = { metadata: { labels: { "pod-security.kubernetes.io/enforce": "baseline" } } };
  await server.api.kube.patch(RESOURCE.namespaces, "default", undefined, { kind: "merge", body: label });
  const refused = await patch([{ ...LOOK, securityContext: { privileged: true } }]);
  expect(refused).toMatchObject({ code: 403, message: expect.stringContaining('violates PodSecurity "baseline:latest"') });
  expect(namesOf(await patch([LOOK]))).toEqual(["look"]);
  const { resources } = await server.json("/api/v1");
  const part = listOf(resources).find((one) => at(one, "name") === "pods/ephemeralcontainers");
  expect(part).toMatchObject({ kind: "Pod", verbs: ["get", "patch", "update"] });
});
