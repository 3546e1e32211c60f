import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseResourcePath } from "../../../src/kubernetes/api-server/http/request-path.ts";
import { findByPath } from "../../../src/kubernetes/api-server/tables/json-path.ts";
import { podTable } from "../../../src/kubernetes/api-server/tables/pod-table.ts";
import { shortDuration } from "../../../src/kubernetes/api-server/time-text.ts";
import { decodeProtobuf } from "../../../src/kubernetes/api-server/types/decode-protobuf.ts";
import { fitMetadata, fitObject } from "../../../src/kubernetes/api-server/types/fit-object.ts";

test.each([
  [-5, "<invalid>"],
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [320, "5m20s"],
  [601, "10m"],
  [10_799, "179m"],
  [3 * 3600 + 240, "3h4m"],
  [8 * 3600, "8h"],
  [47 * 3600, "47h"],
  [50 * 3600, "2d2h"],
  [100 * 86_400, "100d"],
  [800 * 86_400, "2y70d"],
  [4000 * 86_400, "10y"],
])("%i seconds are %s", (seconds, wanted) => {
  expect(shortDuration(seconds * 1000)).toBe(wanted);
});

test.each([
  ["/api/v1/pods", { group: "", version: "v1", plural: "pods" }],
  ["/api/v1/namespaces", { group: "", version: "v1", plural: "namespaces" }],
  ["/api/v1/namespaces/x", { group: "", version: "v1", plural: "namespaces", name: "x" }],
  ["/api/v1/namespaces/x/status", { group: "", version: "v1", plural: "namespaces", name: "x", subresource: "status" }],
  ["/api/v1/namespaces/x/pods", { group: "", version: "v1", plural: "pods", namespace: "x" }],
  ["/api/v1/namespaces/x/pods/p/log", { group: "", version: "v1", plural: "pods", namespace: "x", name: "p", subresource: "log" }],
  ["/apis/apps/v1/namespaces/x/deployments/d/", { group: "apps", version: "v1", plural: "deployments", namespace: "x", name: "d" }],
  ["/apis/apps/v1", undefined],
  ["/metrics", undefined],
  ["/api/v1/namespaces/x/pods/p/log/more", undefined],
])("the path %s", (path, wanted) => {
  expect(parseResourcePath(path)).toEqual(wanted);
});

describe("JSON paths of printer columns", () => {
  const object = {
    spec: {
      a: [
        { n: "x", v: 1 },
        { n: "y", v: 2 },
      ],
      "dotted.key": 3,
    },
    status: {},
  };
  test.each([
    [".spec.a[0].v", [1]],
    [".spec.a[*].v", [1, 2]],
    ['.spec.a[?(@.n=="y")].v', [2]],
    [String.raw`.spec.dotted\.key`, [3]],
    [".spec['dotted.key']", [3]],
    [".status.nothing", []],
    [".spec.a[", []],
  ])("%s", (path, wanted) => {
    expect(findByPath(object, path)).toEqual(wanted);
  });
});

describe("a pod's state in one word", () => {
  const pod = (status: object, more: { readonly spec?: object; readonly metadata?: object } = {}): string => {
    const object = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", creationTimestamp: "2030-01-01T00:00:00Z", ...more.metadata },
      spec: { containers: [{ name: "c" }], ...more.spec },
      status,
    };
    return podTable
      .cells(object, Date.UTC(2030, 0, 1, 0, 5))
      .slice(1, 4)
      .join(" ");
  };
  const container = (state: object, more: object = {}): object => ({ name: "c", restartCount: 0, ready: false, state, ...more });
  test.each([
    ["0/1 Pending 0", { phase: "Pending" }, {}],
    ["0/1 ContainerCreating 0", { phase: "Pending", containerStatuses: [container({ waiting: { reason: "ContainerCreating" } })] }, {}],
    ["1/1 Running 0", { phase: "Running", containerStatuses: [container({ running: {} }, { ready: true })] }, {}],
    ["0/1 Running 0", { phase: "Running", containerStatuses: [container({ running: {} })] }, {}],
    [
      "0/1 CrashLoopBackOff 3",
      { phase: "Running", containerStatuses: [container({ waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 3 })] },
      {},
    ],
    ["0/1 Error 0", { phase: "Failed", containerStatuses: [container({ terminated: { reason: "Error", exitCode: 1 } })] }, {}],
    ["0/1 ExitCode:7 0", { phase: "Failed", containerStatuses: [container({ terminated: { exitCode: 7 } })] }, {}],
    ["0/1 Completed 0", { phase: "Succeeded", containerStatuses: [container({ terminated: { reason: "Completed", exitCode: 0 } })] }, {}],
    [
      "1/1 Terminating 0",
      { phase: "Running", containerStatuses: [container({ running: {} }, { ready: true })] },
      { metadata: { deletionTimestamp: "2030-01-01T00:05:00Z" } },
    ],
    ["0/1 Evicted 0", { phase: "Failed", reason: "Evicted" }, {}],
    [
      "0/1 Init:0/1 0",
      {
        phase: "Pending",
        initContainerStatuses: [container({ waiting: { reason: "PodInitializing" } }, { name: "i" })],
        containerStatuses: [container({ waiting: { reason: "PodInitializing" } })],
      },
      { spec: { initContainers: [{ name: "i" }] } },
    ],
    [
      "0/1 Init:CrashLoopBackOff 2",
      { phase: "Pending", initContainerStatuses: [container({ waiting: { reason: "CrashLoopBackOff" } }, { name: "i", restartCount: 2 })] },
      { spec: { initContainers: [{ name: "i" }] } },
    ],
  ] as const)("%s", (wanted, status, more) => {
    expect(pod(status, more)).toBe(wanted);
  });
});

describe("protobuf bodies", () => {
  /** `kubectl create configmap demo --from-literal=key=value`, as kubectl 1.35 sends it. */
  const bytes = (...parts: readonly (string | number | Buffer)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.of(part) : Buffer.from(part))));
  const field = (number: number, content: string | Buffer): Buffer => bytes((number << 3) | 2, Buffer.byteLength(content), content);
  const envelope = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
    bytes("k8s\0", field(1, bytes(field(1, apiVersion), field(2, kind))), field(2, raw), field(3, ""), field(4, ""));

  test("read as the same object in JSON", () => {
    const metadata = bytes(
      field(1, "demo"),
      field(2, ""),
      field(3, "default"),
      field(8, ""),
      field(11, bytes(field(1, "app"), field(2, "web"))),
    );
    const data = bytes(field(1, "key"), field(2, "value"));
    expect(decodeProtobuf(envelope("v1", "ConfigMap", bytes(field(1, metadata), field(2, data))))).toEqual({
      ok: true,
      value: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "demo", namespace: "default", labels: { app: "web" } },
        data: { key: "value" },
      },
    });
  });

  test("numbers, byte strings and int-or-string ports", () => {
    const port = bytes(field(2, "TCP"), Buffer.of(3 << 3, 80), field(4, bytes(Buffer.of(1 << 3, 1, 2 << 3, 0), field(3, "http"))));
    const service = decodeProtobuf(envelope("v1", "Service", field(2, bytes(field(1, port)))));
    expect(service).toMatchObject({ value: { spec: { ports: [{ protocol: "TCP", port: 80, targetPort: "http" }] } } });
    const secret = decodeProtobuf(envelope("v1", "Secret", field(2, bytes(field(1, "k"), field(2, "plain")))));
    expect(secret).toMatchObject({ value: { data: { k: Buffer.from("plain").toString("base64") } } });
  });

  test("damaged or foreign bytes are refused, whatever they are", () => {
    expect(decodeProtobuf(Buffer.from("{}")).ok).toBe(false);
    expect(decodeProtobuf(envelope("example.com/v1", "Thing", Buffer.alloc(0))).ok).toBe(false);
    const good = envelope("v1", "ConfigMap", field(1, field(1, "demo")));
    fc.assert(
      fc.property(fc.nat(good.length), fc.uint8Array({ maxLength: 40 }), (cut, noise) => {
        const decoded = decodeProtobuf(Buffer.concat([good.subarray(0, cut), noise]));
        expect(typeof decoded.ok).toBe("boolean");
      }),
    );
  });
});

describe("fitting an object to its type", () => {
  test("a fitting object stays the same object", () => {
    const pod = Object.freeze({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p" },
      spec: { containers: [{ name: "c", volumeMounts: [] }], volumes: [{ name: "v", emptyDir: {} }] },
    });
    expect(fitObject(pod, "core.v1.Pod")).toEqual({ object: pod, unknown: [], mistake: undefined });
    expect(fitObject(pod, "core.v1.Pod").object).toBe(pod);
  });

  test("metadata has no empty lists or maps, and nothing in a list is an item without content", () => {
    const metadata = { name: "p", labels: {}, finalizers: [], ownerReferences: [null], annotations: { a: "b" } };
    const fitted = { metadata: { name: "p", ownerReferences: [{}], annotations: { a: "b" } } };
    expect(fitObject({ metadata, spec: { containers: [{ args: [null], name: "c" }] } }, "core.v1.Pod").object).toEqual({
      ...fitted,
      spec: { containers: [{ args: [""], name: "c" }] },
    });
    expect(fitMetadata({ metadata, spec: { labels: {} } }).object).toEqual({ ...fitted, spec: { labels: {} } });
    expect(fitMetadata({ metadata: { name: 5 } }).mistake).toBe("json: cannot unmarshal number into field metadata.name of type string");
  });

  test("unknown fields are named and left out, null counts as not given, a wrong type is told", () => {
    const { object, unknown, mistake } = fitObject({ spec: { nodeNam: "x", nodeName: null, containers: [{ name: 5 }] } }, "core.v1.Pod");
    expect(unknown).toEqual(["spec.nodeNam"]);
    expect(object).toEqual({ spec: { containers: [{}] } });
    expect(mistake).toBe("json: cannot unmarshal number into field spec.containers[0].name of type string");
  });
});
