import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quietLog } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentPhase } from "../src/cni/serve-cni.ts";
import { listenForGrpc, type GrpcSocket } from "../src/grpc/grpc-socket.ts";
import { createRpcBackend } from "../src/grpc/rpc-backend.ts";
import { aWorld } from "./a-world.ts";

const hasCompiler = spawnSync("cc", ["--version"]).status === 0;
if (!hasCompiler) console.warn("no C compiler: the health probe is not tested");

const folder = mkdtempSync(join(tmpdir(), "probe-"));
const program = join(folder, "grpc-health-probe");
const socketPath = join(folder, "ipamd.sock");
const phases: { now: AgentPhase } = { now: { kind: "starting" } };
let socket: GrpcSocket | undefined;

beforeAll(async () => {
  if (!hasCompiler) return;
  const source = fileURLToPath(new URL("../native/grpc-health-probe.c", import.meta.url));
  const { status, stderr } = spawnSync("cc", ["-Os", "-static", "-Wall", "-Wextra", "-Werror", "-o", program, source]);
  if (status !== 0) throw new Error(String(stderr));
  socket = await listenForGrpc(socketPath, createRpcBackend({ phase: () => phases.now, version: undefined, log: quietLog }), (cause) => {
    throw cause;
  });
});
afterAll(async () => {
  await socket?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function probe(...options: string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(program, options);
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, said: Buffer.concat(said).toString() };
}

/** The command of upstream's manifest. */
const upstreams = (path: string): string[] => [`-addr=unix://${path}`, "-connect-timeout=5s", "-rpc-timeout=5s"];

async function otherServer(name: string, serve: (connection: Socket) => void): Promise<{ readonly path: string; readonly server: Server }> {
  const path = join(folder, name);
  const server = createServer((connection) => {
    connection.on("error", () => undefined);
    serve(connection);
  }).listen(path);
  await once(server, "listening");
  return { path, server };
}

describe.runIf(hasCompiler)("the health probe of upstream's manifest", () => {
  test("says whether the agent serves pods", async () => {
    expect(await probe(...upstreams(socketPath))).toEqual({ code: 4, said: 'service unhealthy (responded with "NOT_SERVING")\n' });
    phases.now = (await aWorld()).agent.phase();
    expect(await probe(...upstreams(socketPath))).toEqual({ code: 0, said: "status: SERVING\n" });
    expect(await probe("--addr", `unix:${socketPath}`, "--service", "grpc.health.v1.aws-node")).toMatchObject({ code: 0 });
  });

  test("fails when there is no such service", async () => {
    expect(await probe(...upstreams(socketPath), "-service=other")).toMatchObject({ code: 3 });
  });

  test("cannot connect where nobody listens", async () => {
    expect(await probe(...upstreams(join(folder, "nobody.sock")))).toMatchObject({ code: 2 });
  });

  test("asks any gRPC server over TCP, by address and port", async () => {
    const sick = join(folder, "sick");
    const server = spawn(process.execPath, [fileURLToPath(new URL("grpc-health-server.mjs", import.meta.url)), "0", sick]);
    try {
      const [line] = (await once(server.stdout, "data")) as [Buffer];
      const port = /listening on (\d+)/.exec(line.toString())?.[1] ?? "";
      for (const host of ["127.0.0.1", "localhost", ""]) {
        expect(await probe(`-addr=${host}:${port}`, "-service=shop.Orders")).toEqual({ code: 0, said: "status: SERVING\n" });
      }
      expect(await probe(`-addr=127.0.0.1:${port}`, "-service=other")).toMatchObject({
        code: 3,
        said: expect.stringContaining("health rpc failed"),
      });
      writeFileSync(sick, "");
      expect(await probe(`-addr=127.0.0.1:${port}`)).toEqual({ code: 4, said: 'service unhealthy (responded with "NOT_SERVING")\n' });
    } finally {
      server.kill();
    }
    expect(await probe("-addr=127.0.0.1:1")).toEqual({
      code: 2,
      said: 'error: failed to connect service at "127.0.0.1:1": Connection refused\n',
    });
    for (const wrong of ["nowhere", "some.name:80", "10.0.0.1:99999", "[::1"])
      expect(await probe(`-addr=${wrong}`)).toMatchObject({ code: 1 });
  });

  test.each([
    ["says nothing", () => undefined, "did not complete"],
    ["hangs up", (connection: Socket) => void connection.end(), ""],
    ["speaks something else", (connection: Socket) => void connection.end("HTTP/1.1 400 Bad Request\r\n\r\n"), ""],
    ["sends a frame without end", (connection: Socket) => void connection.write(Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])), ""],
  ])("fails in time when the other side %s", async (name, serve, said) => {
    const { path, server } = await otherServer(`${name.length}.sock`, serve);
    const answer = await probe(`-addr=unix://${path}`, "-rpc-timeout=300ms");
    expect(answer.code).toBe(3);
    expect(answer.said).toContain(said);
    server.close();
  });

  test.each([
    [[]],
    [["-addr=some.name:50051"]],
    [["-addr"]],
    [["-addr=unix:///x", "-rpc-timeout=soon"]],
    [["-addr=unix:///x", "-connect-timeout=0s"]],
    [["-addr=unix:///x", "-tls"]],
    [[`-addr=unix:///${"x".repeat(200)}`]],
  ])("refuses %j", async (options) => {
    expect((await probe(...options)).code).toBe(1);
  });
});
