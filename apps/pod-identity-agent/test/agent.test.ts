import { once } from "node:events";
import { get, request, type IncomingMessage } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Log, LogFields } from "@slash28/ports";
import { systemClock } from "@slash28/linux";
import { startAgent, type AgentOptions, type RunningAgent, type ServerFlags } from "../src/index.ts";
import { grantedFor, startFakeEksAuth, type FakeEksAuth, type Reply } from "./fake-eks-auth.ts";

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}
const lines: Line[] = [];
const logOf = (more: LogFields): Log => {
  const line =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, fields: { ...more, ...fields } });
  return {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    child: (fields) => logOf({ ...more, ...fields }),
  };
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokenOf = (pod: string, expiresIn = 3_600): string => {
  const exp = Math.floor(Date.now() / 1_000) + expiresIn;
  const claims = { iss: "https://issuer", sub: "system:serviceaccount:shop:web", exp, "kubernetes.io": { pod: { name: pod, uid: pod } } };
  return [encode({ alg: "RS256" }), encode(claims), "c2ln"].join(".");
};

let eksAuth: FakeEksAuth;
const agents: RunningAgent[] = [];
beforeEach(async () => {
  lines.length = 0;
  eksAuth = await startFakeEksAuth();
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  await eksAuth.close();
});

/** As the command line gives them. */
const FLAGS: ServerFlags = {
  clusterName: "lab",
  port: 0,
  probePort: 0,
  metricsPort: 0,
  metricsAddress: "127.0.0.1",
  bindHosts: ["127.0.0.1", "127.0.0.2"],
  maxCacheSize: 100,
  maxServiceQps: 3,
  retentionMs: 3 * 3_600_000,
  endpoint: undefined,
  rotateCredentials: false,
  verbosity: "info",
};
const start = async (flags: Partial<AgentOptions["flags"]> = {}, more: Partial<AgentOptions> = {}): Promise<RunningAgent> => {
  const agent = await startAgent({
    flags: { ...FLAGS, ...flags },
    endpoint: eksAuth.url,
    region: "us-east-1",
    credentials: () => Promise.resolve({ accessKeyId: "ASIANODE", secretAccessKey: "s", sessionToken: "node-session" }),
    clock: systemClock,
    random: () => 0,
    log: logOf({}),
    ...more,
  });
  agents.push(agent);
  return agent;
};

interface Asked {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}
const read = async (response: IncomingMessage): Promise<Asked> => {
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, type: response.headers["content-type"], body };
};
const ask = async (
  agent: RunningAgent,
  token: string | undefined,
  { host = "169.254.170.23", at = "127.0.0.1", path = "/v1/credentials", method = "GET" } = {},
): Promise<Asked> => {
  const headers = { host, ...(token === undefined ? {} : { authorization: token }) };
  const sent = request({ host: at, port: agent.ports.get(at), path, method, headers }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return read(response);
};
const page = async (port: number | undefined, path: string): Promise<Asked> => {
  const [response] = (await once(get({ host: "127.0.0.1", port, path }), "response")) as [IncomingMessage];
  return read(response);
};
const metric = async (agent: RunningAgent, series: string): Promise<number> => {
  const { body } = await page(agent.metricsPort, "/metrics");
  const line = body.split("\n").find((one) => one.startsWith(`${series} `));
  return Number(line?.split(" ")[1] ?? 0);
};

describe("credentials", () => {
  test("are those EKS Auth gives for the token, asked for with the node's signature", async () => {
    eksAuth.answer = () => grantedFor("ASIA1", 4_000_000_000);
    const agent = await start();
    const token = tokenOf("web");
    expect(await ask(agent, token)).toEqual({
      status: 200,
      type: "application/json",
      body: '{"AccessKeyId":"ASIA1","SecretAccessKey":"secret","Token":"session","AccountId":"111122223333","Expiration":"2096-10-02T07:06:40Z"}',
    });
    const [seen] = eksAuth.seen;
    expect(seen).toMatchObject({ path: "/clusters/lab/assume-role-for-pod-identity", securityToken: "node-session", token });
    expect(seen?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=ASIANODE\/\d{8}\/us-east-1\/eks-auth\/aws4_request/);
    const told = lines.find(({ message }) => message === "a pod has its credentials");
    expect(told?.fields).toMatchObject({ "bind-addr": "127.0.0.1", "cluster-name": "lab", "association-id": "a-1", "cache-hit": false });
    expect(JSON.stringify(lines)).not.toMatch(/secret|session"|c2ln/);
  });

  test("are kept once for all addresses, and for any method", async () => {
    const agent = await start();
    await ask(agent, tokenOf("web"));
    expect((await ask(agent, tokenOf("web"), { at: "127.0.0.2", method: "POST" })).status).toBe(200);
    expect(eksAuth.seen).toHaveLength(1);
    expect([
      await metric(agent, 'pod_identity_cache_state{state="hit"}'),
      await metric(agent, 'pod_identity_cache_state{state="miss"}'),
    ]).toEqual([1, 1]);
  });

  test.each([
    ["credentials", () => grantedFor("ASIA1"), 200],
    ["a refusal", () => ({ status: 400, errorType: "AccessDeniedException", body: { message: "no" } }), 400],
  ])("%s are shared by sixteen pods' threads that wait for one token", async (_, reply: () => Reply, status) => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    eksAuth.answer = async () => {
      await held;
      return reply();
    };
    const agent = await start();
    const token = tokenOf("web");
    const waiting = Array.from({ length: 16 }, (_, index) => ask(agent, token, { at: index % 2 === 0 ? "127.0.0.1" : "127.0.0.2" }));
    await expect.poll(() => metric(agent, 'pod_identity_cache_state{state="miss"}')).toBe(16);
    release();
    expect((await Promise.all(waiting)).map((asked) => asked.status)).toEqual(Array(16).fill(status));
    expect(eksAuth.seen).toHaveLength(1);
  });

  test("come at the second try of a pod that gave up the first: the exchange goes on without it", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    eksAuth.answer = async () => {
      await held;
      return grantedFor("ASIA1");
    };
    const agent = await start();
    const token = tokenOf("web");
    const gone = get({
      host: "127.0.0.1",
      port: agent.ports.get("127.0.0.1"),
      path: "/v1/credentials",
      headers: { host: "169.254.170.23", authorization: token },
    });
    gone.on("error", () => undefined);
    await expect.poll(() => eksAuth.seen.length).toBe(1);
    gone.destroy();
    release();
    await expect.poll(() => metric(agent, "pod_identity_cache_entries")).toBe(1);
    expect([(await ask(agent, token)).status, eksAuth.seen.length]).toEqual([200, 1]);
  });

  test("a service that is busy is asked again; one that is not there is told", async () => {
    let tries = 0;
    eksAuth.answer = () =>
      ++tries < 3 ? { status: 429, errorType: "ThrottlingException", body: { message: "slow" } } : grantedFor("ASIA1");
    const agent = await start();
    expect([(await ask(agent, tokenOf("web"))).status, tries]).toEqual([200, 3]);
    const gone = await startFakeEksAuth();
    await gone.close();
    const lost = await start({}, { endpoint: gone.url });
    expect(await ask(lost, tokenOf("web"))).toMatchObject({
      status: 500,
      body: expect.stringMatching(/EKS Auth could not be asked: .*ECONNREFUSED/),
    });
  });

  test("a refusal has EKS Auth's status and words, and is not kept", async () => {
    eksAuth.answer = () => ({ status: 404, errorType: "ResourceNotFoundException", body: { message: "No association" } });
    const agent = await start();
    const refused = {
      status: 404,
      type: "text/plain; charset=utf-8",
      body: "[r-1]: (ResourceNotFoundException): No association, fault: client\n",
    };
    expect(await ask(agent, tokenOf("web"))).toEqual(refused);
    expect(await ask(agent, tokenOf("web"))).toEqual(refused);
    expect(eksAuth.seen).toHaveLength(2);
    expect(await metric(agent, 'pod_identity_cache_errors{type="NonRecoverable",code="ResourceNotFoundException"}')).toBe(2);
  });
});

describe("requests that are refused", () => {
  test.each([
    ["another host", { host: "evil.example" }, 403],
    ["another path", { path: "/v2/credentials" }, 404],
    ["no token", { token: "" }, 400],
    ["a scheme before the token", { token: `Bearer ${tokenOf("web")}` }, 400],
    ["an expired token", { token: tokenOf("web", -1) }, 400],
  ])("%s", async (_, { token = tokenOf("web"), ...how }: { token?: string; host?: string; path?: string }, status) => {
    const agent = await start();
    expect((await ask(agent, token, how)).status).toBe(status);
    expect(eksAuth.seen).toHaveLength(0);
  });
});

describe("listening", () => {
  test("an address that cannot be opened is told, and stops no other; probes look at those that listen", async () => {
    const agent = await start({ bindHosts: ["127.0.0.1", "2001:db8::23"] });
    expect([...agent.ports.keys()]).toEqual(["127.0.0.1"]);
    expect(lines.filter(({ level }) => level === "warn").map(({ fields }) => fields["bind-addr"])).toEqual(["2001:db8::23"]);
    expect((await ask(agent, tokenOf("web"))).status).toBe(200);
    for (const path of ["/healthz", "/readyz"]) {
      expect((await page(agent.probePort, path)).status).toBe(200);
      expect((await page(agent.metricsPort, path)).status).toBe(200);
    }
    expect(await metric(agent, 'pod_identity_listening{address="2001:db8::23"}')).toBe(0);
  });

  test("one that becomes free is taken then", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    let wake = (): void => undefined;
    const clock = {
      now: systemClock.now,
      sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
        ms === 10_000
          ? new Promise<void>((resolve) => ((wake = resolve), signal?.addEventListener("abort", () => resolve())))
          : systemClock.sleep(ms, signal),
    };
    const agent = await start({ bindHosts: ["127.0.0.1", "127.0.0.2"], port }, { clock });
    expect(await metric(agent, 'pod_identity_listening{address="127.0.0.1"}')).toBe(0);
    holder.close();
    await once(holder, "close");
    wake();
    await expect.poll(() => metric(agent, 'pod_identity_listening{address="127.0.0.1"}')).toBe(1);
  });

  test("without any address it says so and ends", async () => {
    await expect(start({ bindHosts: ["2001:db8::23"] })).rejects.toThrow(/served nowhere \(2001:db8::23: .*has "initialize" run/);
  });

  test("settings that do not go together are refused", async () => {
    await expect(start({ maxCacheSize: 2_000, retentionMs: 1_000 })).rejects.toThrow("--max-cache-size 2000 is too large");
  });

  test("a request that is being answered when the agent is stopped gets its answer", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    eksAuth.answer = async () => {
      await held;
      return grantedFor("ASIA1");
    };
    const agent = await start();
    const waiting = ask(agent, tokenOf("web"));
    await expect.poll(() => eksAuth.seen.length).toBe(1);
    const stopped = agents.pop()?.stop();
    release();
    expect((await waiting).status).toBe(200);
    await stopped;
  });
});
