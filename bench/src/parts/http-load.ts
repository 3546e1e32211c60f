import { fork } from "node:child_process";
import { Agent, request } from "node:http";

/** Forms posted again and again over kept-alive connections. */
export interface LoadOrder {
  readonly url: string;
  readonly connections: number;
  /** Request bodies, in turn, on every connection. `{connection}` stands for its number, so that connections keep out of each other's way. */
  readonly forms: readonly string[];
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
}

const ORDER = "SLASH28_BENCH_LOAD";

/** Has a process of its own load the server, so that asking does not slow answering. `program` is this program's file. */
export function loadFrom(program: string, order: LoadOrder): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [], { env: { ...process.env, [ORDER]: JSON.stringify(order) } });
    child.once("message", (result: LoadResult) => resolve(result));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the process that loads the server ended with ${code}`)));
  });
}

/** What a process was started to load; nothing for the benchmarks themselves. */
export function loadOrder(env: NodeJS.ProcessEnv): LoadOrder | undefined {
  const text = env[ORDER];
  return text === undefined ? undefined : (JSON.parse(text) as LoadOrder);
}

/** What that process does. */
export async function runLoad(order: LoadOrder): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const started = performance.now();
  const end = started + order.seconds * 1_000;
  let requests = 0;
  let failures = 0;
  const lane = async (lane: number): Promise<void> => {
    const forms = order.forms.map((form) => form.replaceAll("{connection}", String(lane)));
    for (let at = 0; performance.now() < end; at++) {
      const status = await post(order.url, agent, forms[at % forms.length] ?? "");
      requests += 1;
      if (status !== 200) failures += 1;
    }
  };
  await Promise.all(Array.from({ length: order.connections }, (_, at) => lane(at)));
  agent.destroy();
  process.send?.({ requests, failures, seconds: (performance.now() - started) / 1_000 } satisfies LoadResult);
}

function post(url: string, agent: Agent, form: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(form) };
    const sent = request(url, { method: "POST", agent, headers }, (reply) => {
      reply.resume();
      reply.on("error", reject);
      reply.on("end", () => resolve(reply.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end(form);
  });
}
