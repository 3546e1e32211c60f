import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createRawServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "aws-cni-"));
const socket = join(folder, "agent.sock");
const hasCompiler = spawnSync("cc", ["--version"]).status === 0;

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
interface Start {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
}
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const POD = { CNI_CONTAINERID: "abc123", CNI_NETNS: "/var/run/netns/pod-1", CNI_IFNAME: "eth0", CNI_PATH: "/opt/cni/bin" };
const config = (more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ cniVersion: "1.1.0", name: "aws-cni", type: "aws-cni", agentSocket: socket, ...more });

/** An agent that answers every request with the same thing and keeps what it was asked. */
async function withAgent(reply: { readonly exit: number; readonly body: string }, use: (seen: Seen[]) => Promise<void>): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(200, { "Cni-Exit": String(reply.exit), "Content-Length": Buffer.byteLength(reply.body) }).end(reply.body);
    });
  });
  server.listen(socket);
  await once(server, "listening");
  try {
    await use(seen);
  } finally {
    server.close();
    await once(server, "close");
  }
}

const PLUGINS: readonly { readonly name: string; readonly command: () => readonly [string, ...string[]] }[] = [
  ...(hasCompiler ? [{ name: "static", command: (): readonly [string] => [join(folder, "aws-cni")] }] : []),
  { name: "Node", command: (): readonly [string, string] => [process.execPath, join(folder, "aws-cni.mjs")] },
];

beforeAll(async () => {
  if (hasCompiler) {
    const made = spawnSync("cc", [
      "-Os",
      "-static",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-o",
      join(folder, "aws-cni"),
      here("../native/aws-cni.c"),
    ]);
    expect(made.stderr.toString()).toBe("");
  } else {
    console.warn("no C compiler: only the Node plugin is tested");
  }
  await build({
    entryPoints: [here("../src/plugin.ts")],
    outfile: join(folder, "aws-cni.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(PLUGINS)("the $name plugin", ({ command }) => {
  async function run(verb: string | undefined, { env = POD, input = config() }: Start = {}): Promise<Run> {
    const [program, ...args] = command();
    const child = spawn(program, args, { env: { ...env, ...(verb === undefined ? {} : { CNI_COMMAND: verb }) } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin.on("error", () => undefined); // a plugin that refuses its environment does not read on
    child.stdin.end(input);
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
  }
  async function refusal(
    verb: string,
    start?: Start,
  ): Promise<{ readonly code: number; readonly msg: string; readonly cniVersion: string }> {
    const { code, out } = await run(verb, start);
    expect(code).toBe(1);
    return JSON.parse(out) as { code: number; msg: string; cniVersion: string };
  }

  test("answers VERSION by itself, without input", async () => {
    const { code, out } = await run("VERSION", { env: {}, input: "" });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ cniVersion: "1.1.0", supportedVersions: ["0.3.1", "0.4.0", "1.0.0", "1.1.0"] });
  });

  test("says what it is when started by hand", async () => {
    const { code, out, err } = await run(undefined, { env: {} });
    expect([code, out]).toEqual([0, ""]);
    expect(err).toContain("CNI plugin");
  });

  test.each(["ADD", "DEL", "CHECK"])("hands %s to the agent and prints the answer as it is", async (verb) => {
    const body = '{"any": "thing",\n "é": 1}\n';
    await withAgent({ exit: 0, body }, async (seen) => {
      const input = config({ unknown: { nested: [1, { deep: null }], text: 'a\\"b' } });
      const { code, out, err } = await run(verb, { env: { ...POD, CNI_ARGS: "K8S_POD_NAME=wéb;IgnoreUnknown=1" }, input });
      expect([code, out, err]).toEqual([0, body, ""]);
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({ method: "POST", url: "/cni", body: input });
      const headers = seen[0]!.headers;
      expect(headers).toMatchObject({
        "cni-command": verb,
        "cni-container-id": "abc123",
        "cni-netns": "/var/run/netns/pod-1",
        "cni-ifname": "eth0",
      });
      expect(Buffer.from(String(headers["cni-args"]), "latin1").toString("utf8")).toBe("K8S_POD_NAME=wéb;IgnoreUnknown=1");
    });
  });

  test.each(["STATUS", "GC"])("hands %s to the agent without a sandbox", async (verb) => {
    await withAgent({ exit: 0, body: "" }, async (seen) => {
      expect(await run(verb, { env: { CNI_PATH: "/opt/cni/bin" } })).toEqual({ code: 0, out: "", err: "" });
      expect(seen[0]?.headers["cni-command"]).toBe(verb);
      expect(seen[0]?.headers["cni-container-id"]).toBeUndefined();
    });
  });

  test("DEL needs no namespace", async () => {
    await withAgent({ exit: 0, body: "" }, async (seen) => {
      expect((await run("DEL", { env: { CNI_CONTAINERID: "a", CNI_IFNAME: "eth0" } })).code).toBe(0);
      expect(seen[0]?.headers["cni-netns"]).toBeUndefined();
    });
  });

  test("passes on the agent's refusal", async () => {
    const body = '{"cniVersion":"1.1.0","code":11,"msg":"no free address"}\n';
    await withAgent({ exit: 1, body }, async () => {
      expect(await run("ADD")).toEqual({ code: 1, out: body, err: "" });
    });
  });

  test.each([
    ["ADD", 11],
    ["DEL", 11],
    ["CHECK", 11],
    ["GC", 11],
    ["STATUS", 50],
  ])("%s says code %i when the agent is away", async (verb, code) => {
    expect(await refusal(verb)).toMatchObject({ code, cniVersion: "1.1.0", msg: expect.stringContaining("does not answer") as string });
  });

  test.each([
    ["that is cut", "HTTP/1.1 200 OK\r\nCni-Exit: 0\r\nContent-Length: 500\r\n\r\n{"],
    ["without an exit code", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
    ["that is no HTTP", "hello\r\n\r\n"],
    ["of nothing", ""],
  ])("takes an answer %s for an agent that went away", async (_, answer) => {
    const server = createRawServer((connection) => {
      connection.on("error", () => undefined);
      connection.once("data", () => connection.end(answer));
    });
    server.listen(socket);
    await once(server, "listening");
    try {
      expect(await refusal("ADD")).toMatchObject({ code: 11 });
    } finally {
      server.close();
      await once(server, "close");
    }
  });

  test("takes a socket file that nobody listens on for an agent that is away", async () => {
    const stale = join(folder, "stale.sock");
    writeFileSync(stale, "");
    expect(existsSync(stale)).toBe(true);
    expect(await refusal("DEL", { input: config({ agentSocket: stale }) })).toMatchObject({ code: 11 });
  });

  test.each([
    ["ADD", {}, "ADD needs CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME"],
    ["DEL", {}, "DEL needs CNI_CONTAINERID, CNI_IFNAME"],
    ["CHECK", { CNI_CONTAINERID: "a", CNI_IFNAME: "eth0" }, "CHECK needs CNI_NETNS"],
    ["GC", {}, "GC needs CNI_PATH"],
    ["ADD", { ...POD, CNI_CONTAINERID: "-a" }, "CNI_CONTAINERID -a is not a container id"],
    ["ADD", { ...POD, CNI_CONTAINERID: "a/../b" }, "CNI_CONTAINERID a/../b is not a container id"],
    ["ADD", { ...POD, CNI_IFNAME: "sixteen-letters-" }, "CNI_IFNAME sixteen-letters- is not a link name"],
    ["ADD", { ...POD, CNI_IFNAME: ".." }, "CNI_IFNAME .. is not a link name"],
    ["ADD", { ...POD, CNI_IFNAME: "a:b" }, "CNI_IFNAME a:b is not a link name"],
    ["ADD", { ...POD, CNI_ARGS: "a=b\r\nCni-Command: DEL" }, "CNI_ARGS holds a control character"],
    ["ADD", { ...POD, CNI_ARGS: "x".repeat(9000) }, "CNI_ARGS is longer than 8192 bytes"],
    ["MEND", POD, "CNI_COMMAND MEND is unknown"],
    ["toString", POD, "CNI_COMMAND toString is unknown"],
  ])("%s with a bad environment says code 4: %#", async (verb, env, msg) => {
    expect(await refusal(verb, { env })).toEqual({ cniVersion: "1.1.0", code: 4, msg });
  });

  test.each([
    "",
    "{",
    "[]",
    '"text"',
    "{} x",
    '{"cniVersion":"1.1.0"',
    '{"a":01}',
    '{"a":tru}',
    '{"a":"\u0001"}',
    '{"a":1,}',
    '{"a" 1}',
    "\0",
  ])("input that is not a JSON object says code 6: %j", async (input) => {
    expect(await refusal("ADD", { input })).toEqual({
      cniVersion: "1.1.0",
      code: 6,
      msg: "the network configuration is not a JSON object",
    });
  });

  test("input without end says code 5", async () => {
    expect(await refusal("ADD", { input: Buffer.alloc((1 << 20) + 1, " ") })).toMatchObject({ code: 5 });
  });

  test.each([
    ["ADD", { cniVersion: "0.2.0" }, 'cniVersion "0.2.0" is not one of 0.3.1, 0.4.0, 1.0.0, 1.1.0'],
    ["ADD", { cniVersion: "9.9.9" }, 'cniVersion "9.9.9" is not one of 0.3.1, 0.4.0, 1.0.0, 1.1.0'],
    ["ADD", { cniVersion: undefined }, 'cniVersion "" is not one of 0.3.1, 0.4.0, 1.0.0, 1.1.0'],
    ["ADD", { cniVersion: 1 }, 'cniVersion "" is not one of 0.3.1, 0.4.0, 1.0.0, 1.1.0'],
    ["CHECK", { cniVersion: "0.3.1" }, "CHECK needs cniVersion 0.4.0 or later, not 0.3.1"],
    ["STATUS", { cniVersion: "1.0.0" }, "STATUS needs cniVersion 1.1.0 or later, not 1.0.0"],
    ["GC", { cniVersion: "0.4.0" }, "GC needs cniVersion 1.1.0 or later, not 0.4.0"],
  ])("%s of a version it does not speak says code 1: %#", async (verb, more, msg) => {
    expect(await refusal(verb, { input: config(more) })).toMatchObject({ code: 1, msg });
  });

  test("a nested key is not taken for the outermost one", async () => {
    const input = `{"other":{"cniVersion":"9.9.9","agentSocket":"/nowhere"},"name":"n","cniVersion":"1.0.0","agentSocket":${JSON.stringify(socket)}}`;
    await withAgent({ exit: 0, body: "{}" }, async (seen) => {
      expect((await run("ADD", { input })).code).toBe(0);
      expect(seen).toHaveLength(1);
    });
  });

  describe("log", () => {
    const linesOf = (path: string): readonly Readonly<Record<string, unknown>>[] =>
      readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const logFile = (): string => join(mkdtempSync(join(folder, "log-")), "new", "plugin.log");
    const logging = (pluginLogFile: string, pluginLogLevel: string): string => config({ pluginLogFile, pluginLogLevel });

    test("at debug has a line of each call, with the agent's answer where it failed", async () => {
      const file = logFile();
      await withAgent({ exit: 0, body: '{"ips":[]}' }, async () => {
        expect(await run("ADD", { input: logging(file, "debug") })).toEqual({ code: 0, out: '{"ips":[]}', err: "" });
      });
      await refusal("DEL", { input: logging(file, "Debug") });
      expect(linesOf(file)).toEqual([
        {
          level: "debug",
          ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
          msg: "ADD done",
          ms: expect.any(Number) as number,
          CNI_CONTAINERID: "abc123",
          CNI_NETNS: "/var/run/netns/pod-1",
          CNI_IFNAME: "eth0",
        },
        expect.objectContaining({ level: "error", msg: "DEL failed", answer: expect.stringContaining("does not answer") as string }),
      ]);
    });

    test("at any other level has failures only", async () => {
      const file = logFile();
      await withAgent({ exit: 0, body: "{}" }, async () => void (await run("ADD", { input: logging(file, "error") })));
      expect(existsSync(file)).toBe(false);
      await withAgent(
        { exit: 1, body: '{"code":11,"msg":"no free address"}' },
        async () => void (await run("ADD", { input: logging(file, "fatal") })),
      );
      expect(linesOf(file)).toEqual([expect.objectContaining({ msg: "ADD failed", answer: '{"code":11,"msg":"no free address"}' })]);
    });

    test("goes to stderr when told to, never to stdout, which carries the result", async () => {
      await withAgent({ exit: 0, body: "{}" }, async () => {
        for (const place of ["stderr", ""]) {
          const { out, err } = await run("ADD", { input: logging(place, "debug") });
          expect(out).toBe("{}");
          expect(JSON.parse(err)).toMatchObject({ msg: "ADD done" });
        }
        expect(await run("ADD", { input: logging("stdout", "debug") })).toEqual({ code: 0, out: "{}", err: "" });
      });
    });

    test("that cannot be written, or is not configured, is no reason to fail a pod", async () => {
      await withAgent({ exit: 0, body: "{}" }, async () => {
        expect(await run("ADD", { input: logging("/proc/nowhere/plugin.log", "debug") })).toEqual({ code: 0, out: "{}", err: "" });
        expect(await run("ADD")).toEqual({ code: 0, out: "{}", err: "" });
      });
    });

    test("is put aside when it has grown to 100 MiB", async () => {
      const file = logFile();
      mkdirSync(dirname(file));
      writeFileSync(file, "");
      truncateSync(file, 100 << 20);
      await withAgent({ exit: 0, body: "{}" }, async () => void (await run("ADD", { input: logging(file, "debug") })));
      expect(statSync(`${file}.1`).size).toBe(100 << 20);
      expect(linesOf(file)).toHaveLength(1);
    });
  });

  test.each(["", `/${"x".repeat(120)}`])("a socket path the kernel cannot take says code 7: %#", async (agentSocket) => {
    expect(await refusal("ADD", { input: config({ agentSocket }) })).toMatchObject({ code: 7 });
  });
});

test.runIf(hasCompiler)("the static plugin's JSON reader agrees with JSON.parse on mutilated documents", () => {
  const document = fc.tuple(fc.json({ maxDepth: 4 }), fc.nat(), fc.constantFrom("", "}", "]", '"', ",", "\\", "1e", "nul", " "));
  fc.assert(
    fc.property(document, ([json, place, insert]) => {
      const at = place % (json.length + 1);
      const text = `{"cniVersion":"9.9.9","x":${json.slice(0, at)}${insert}${json.slice(at)}}`;
      let isObject = true;
      try {
        JSON.parse(text);
      } catch {
        isObject = false;
      }
      const { stdout } = spawnSync(join(folder, "aws-cni"), { env: { ...POD, CNI_COMMAND: "ADD" }, input: text });
      // A readable document gets as far as its version, which no plugin speaks.
      const { code } = JSON.parse(stdout.toString()) as { code: number };
      expect(code, text).toBe(isObject ? 1 : 6);
    }),
    { numRuns: 300 },
  );
});
