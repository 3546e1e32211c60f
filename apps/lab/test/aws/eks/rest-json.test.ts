import { EKSClient, ListAddonsCommand, ListUpdatesCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-eks";
import { afterEach, expect, test } from "vitest";
import { createGate } from "../../../src/aws/gate.ts";
import { createEksService } from "../../../src/aws/eks/eks-service.ts";
import { EKS_SCHEMA } from "../../../src/aws/eks/schema.ts";
import { hasPath, matchRoute, RestError, restOperation, type AnyRestOperation } from "../../../src/aws/rest-json/index.ts";
import { serve, type Serving } from "../../../src/aws/serve.ts";

const NO_LOG = { debug() {}, info() {}, warn() {}, error() {}, child: () => NO_LOG } as never;

let serving: Serving | undefined;
afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

async function clientOf(operations: readonly AnyRestOperation[]): Promise<EKSClient> {
  const service = createEksService({ operations, gate: createGate({ sleep: () => Promise.resolve() }), log: NO_LOG });
  serving = await serve((request) => service.answer(request, "r-1"), { kind: "port", host: "127.0.0.1", port: 0 });
  return new EKSClient({
    endpoint: `http://127.0.0.1:${serving.port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDLAB", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
}

test("labels, queries and bodies arrive as the SDK sent them, percent-encoded ARNs too", async () => {
  const seen: unknown[] = [];
  const record = (name: string): AnyRestOperation =>
    restOperation(name, (input: object) => {
      seen.push(input);
      return {};
    });
  const client = await clientOf([record("TagResource"), record("UntagResource"), record("ListUpdates")]);
  const resourceArn = "arn:aws:eks:us-east-1:123456789012:cluster/one";
  await client.send(new TagResourceCommand({ resourceArn, tags: { a: "1", __proto__x: "2" } }));
  await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a", "b"] }));
  await client.send(new ListUpdatesCommand({ name: "one", maxResults: 7, addonName: "vpc-cni" }));
  expect(seen).toEqual([
    { resourceArn, tags: { a: "1", __proto__x: "2" } },
    { resourceArn, tagKeys: ["a", "b"] },
    { name: "one", maxResults: 7, addonName: "vpc-cni" },
  ]);
});

test("an error arrives as the SDK's own class, with its fields", async () => {
  const client = await clientOf([
    restOperation("ListAddons", () => {
      throw new RestError("ResourceNotFoundException", "No cluster found for name: x.", 404, { clusterName: "x" });
    }),
  ]);
  await expect(client.send(new ListAddonsCommand({ clusterName: "x" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "No cluster found for name: x.",
    clusterName: "x",
    $metadata: { httpStatusCode: 404, requestId: "r-1" },
  });
});

test("what is not served says so: a real operation, an unknown path, a body of the wrong type", async () => {
  const service = createEksService({
    operations: [restOperation("CreateCluster", () => ({}))],
    gate: createGate({ sleep: () => Promise.resolve() }),
    log: NO_LOG,
  });
  const ask = async (method: string, path: string, body?: string): Promise<[number, string | null, string]> => {
    const request = new Request(`http://lab${path}`, { method, ...(body === undefined ? {} : { body }) });
    const response = await service.answer(request, "r");
    const { message } = (await response.json()) as { message: string };
    return [response.status, response.headers.get("x-amzn-errortype"), message];
  };
  expect(await ask("GET", "/clusters/a/insights/b")).toEqual([
    501,
    "UnknownOperationException",
    "DescribeInsight is a real operation of Amazon EKS that this lab does not have.",
  ]);
  expect(await ask("PUT", "/clusters/a")).toEqual([404, "UnknownOperationException", "Amazon EKS has no operation at PUT /clusters/a."]);
  expect(await ask("POST", "/clusters", '{"name":5}')).toEqual([400, "SerializationException", "name is not a string."]);
  expect(await ask("POST", "/clusters", "{")).toEqual([400, "SerializationException", "The request's body is not JSON."]);
  expect(await ask("POST", "/clusters", '{"name":"a"}')).toEqual([
    400,
    "InvalidParameterException",
    "The request must contain the parameter roleArn",
  ]);
});

test("a body that is too large is not read to its end, whatever its length is said to be", async () => {
  const operations = [restOperation("CreateCluster", () => ({}))];
  const service = createEksService({ operations, gate: createGate({ sleep: () => Promise.resolve() }), log: NO_LOG });
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)) });
  for (const body of ["x".repeat(1024 * 1024 + 1), endless]) {
    const request = new Request("http://lab/clusters", { method: "POST", body, duplex: "half" });
    const answer = await service.answer(request, "r-1");
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([413, "RequestEntityTooLargeException"]);
  }
});

test("routes are found by method and path; EKS Auth's path is left to it", () => {
  expect(matchRoute(EKS_SCHEMA, "GET", "/addons/supported-versions")?.name).toBe("DescribeAddonVersions");
  expect(matchRoute(EKS_SCHEMA, "GET", "/clusters/a%2Fb/addons/c")).toMatchObject({ labels: { clusterName: "a/b", addonName: "c" } });
  expect(matchRoute(EKS_SCHEMA, "GET", "/clusters/%zz")).toBeUndefined();
  expect(hasPath(EKS_SCHEMA, "/clusters")).toBe(true);
  expect(hasPath(EKS_SCHEMA, "/other")).toBe(false);
  const service = createEksService({ operations: [], gate: createGate({ sleep: () => Promise.resolve() }), log: NO_LOG });
  expect(service.takes(new Request("http://lab/clusters/a/assume-role-for-pod-identity", { method: "POST" }))).toBe(false);
  expect(service.takes(new Request("http://lab/clusters/a"))).toBe(true);
  expect(service.takes(new Request("http://lab/"))).toBe(false);
});
