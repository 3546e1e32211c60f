import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { eventually } from "@slash28/testkit";
import { assert, integer, property, uint8Array } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { dataFrame, pingFrame, readFrames } from "../../../src/kubernetes/api-server/http/spdy/frames.ts";
import { createHeaderBlocks } from "../../../src/kubernetes/api-server/http/spdy/header-blocks.ts";
import { HEADER_DICTIONARY } from "../../../src/kubernetes/api-server/http/spdy/header-dictionary.ts";
import { serveSpdy } from "../../../src/kubernetes/api-server/http/spdy/spdy-session.ts";
import { aNode, findKubectl, startLabCluster, type LabCluster } from "./lab-cluster.ts";

test("the header dictionary is that of the protocol", () => {
  let [low, high] = [1, 0];
  for (const byte of HEADER_DICTIONARY) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  // Adler-32, as zlib names dictionaries.
  expect((high * 65_536 + low).toString(16)).toBe("e3c6a7c2");
});

test("frames are read wherever the bytes are cut", () => {
  assert(
    property(uint8Array({ maxLength: 300 }), integer({ min: 0, max: 320 }), (data, cut) => {
      const whole = Buffer.concat([dataFrame(5, data, true), pingFrame(7)]);
      const first = readFrames(whole.subarray(0, cut));
      const second = readFrames(Buffer.concat([first?.rest ?? Buffer.alloc(0), whole.subarray(cut)]));
      expect([...(first?.frames ?? []), ...(second?.frames ?? [])]).toEqual([
        { kind: "data", stream: 5, isLast: true, data: Buffer.from(data) },
        { kind: "ping", id: 7 },
      ]);
    }),
  );
});

test("what is not SPDY ends the session", async () => {
  const connection = new PassThrough();
  connection.write("GET / HTTP/1.1\r\n\r\n................................");
  connection.end();
  await serveSpdy(connection, () => expect.unreachable());
  expect(connection.destroyed).toBe(true);
});

test("header blocks of one connection are read in order", async () => {
  const [one, other] = [createHeaderBlocks(), createHeaderBlocks()];
  for (const port of ["80", "81"]) {
    const headers = new Map([
      ["streamtype", "data"],
      ["port", port],
    ]);
    expect(await other.read(await one.write(headers))).toEqual(headers);
  }
  await expect(createHeaderBlocks().read(Buffer.from("nonsense"))).rejects.toThrow();
  one.close();
  other.close();
});

const kubectl = findKubectl();

describe.skipIf(kubectl === undefined)("kubectl", () => {
  let cluster: LabCluster;
  let echo: Server;
  let port = 0;
  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
    // Says back what it is told, after the caller has said all.
    echo = createServer({ allowHalfOpen: true }, (socket) => {
      let length = 0;
      socket.on("data", (chunk) => (length += chunk.length));
      socket.on("end", () => socket.end(`heard ${length}`));
    });
    echo.listen(0, "127.0.0.1");
    await once(echo, "listening");
    port = (echo.address() as AddressInfo).port;
    const pods = { group: "", version: "v1", plural: "pods" };
    await cluster.api.kube.create({ ...pods, plural: "nodes" }, aNode("node-a"));
    const spec = { nodeName: "node-a", containers: [{ name: "c", image: "nginx" }] };
    await cluster.api.kube.create(pods, { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "default" }, spec });
    const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    await cluster.api.kube.patch(pods, "web", "default", { kind: "merge", body: { status }, subresource: "status" });
  });
  afterAll(async () => {
    echo.close();
    await cluster.close();
  });

  async function throughForward(env: Readonly<Record<string, string>>, said: string): Promise<string> {
    const { createConnection } = await import("node:net");
    const forward = cluster.start(["port-forward", "pod/web", `:${port}`], env);
    const line = await eventually("the local port", () => /127\.0\.0\.1:(\d+)/.exec(forward.output())?.[1]);
    const socket = createConnection({ host: "127.0.0.1", port: Number(line) });
    socket.end(said);
    const heard = await text(socket);
    forward.stop();
    forward.stop();
    await forward.done;
    return heard;
  }

  test.each([
    ["a WebSocket", {}],
    ["SPDY", { KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" }],
  ])("port-forward carries connections over %s", async (_, env) => {
    expect(await throughForward(env, "x".repeat(300_000))).toBe("heard 300000");
  });

  test("port-forward to a port where nobody listens says so", async () => {
    const { createConnection } = await import("node:net");
    const forward = cluster.start(["port-forward", "pod/web", ":1"]);
    const line = await eventually("the local port", () => /127\.0\.0\.1:(\d+)/.exec(forward.output())?.[1]);
    const socket = createConnection({ host: "127.0.0.1", port: Number(line) });
    socket.on("error", () => undefined);
    const { code, stderr } = await forward.done;
    expect([code, stderr]).toEqual([1, expect.stringContaining("error forwarding port 1 to pod web")]);
  });

  test("attach shows what a container says until it ends", async () => {
    const attached = cluster.start(["attach", "web"]);
    await eventually("it is attached", () => {
      cluster.runtime.followed.write("one\n");
      return attached.output().includes("one");
    });
    cluster.runtime.followed.end();
    expect((await attached.done).code).toBe(0);
  });
});
