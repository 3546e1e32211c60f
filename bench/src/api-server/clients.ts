import { Agent, request, type RequestOptions } from "node:https";

import type { ClusterAccess } from "./roles.ts";

export interface Reply {
  readonly status: number;
  readonly bytes: number;
}

export interface ListResult {
  readonly tookMs: readonly number[];
  readonly bytes: number;
}

/** Lists every pod, again and again, over one connection; the first is not counted. */
export async function listPods(cluster: ClusterAccess, rounds: number): Promise<ListResult> {
  const agent = agentOf(cluster, 1);
  const tookMs: number[] = [];
  let bytes = 0;
  for (let round = 0; round <= rounds; round++) {
    const started = performance.now();
    const reply = await send(cluster, agent, { path: "/api/v1/pods", method: "GET" });
    if (reply.status !== 200) throw new Error(`listing pods was answered ${reply.status}`);
    if (round > 0) tookMs.push(performance.now() - started);
    bytes = reply.bytes;
  }
  agent.destroy();
  return { tookMs, bytes };
}

export interface WriteResult {
  readonly writes: number;
  readonly failures: number;
  readonly seconds: number;
}

/** Changes ConfigMaps by merge patch over kept-alive connections, each its own. */
export async function writeMaps(cluster: ClusterAccess, connections: number, seconds: number): Promise<WriteResult> {
  const agent = agentOf(cluster, connections);
  const lanes = Array.from({ length: connections }, (_, lane) => `lane-${process.pid}-${lane}`);
  await Promise.all(lanes.map((name) => createMap(cluster, agent, name)));
  const started = performance.now();
  const end = started + seconds * 1_000;
  let [writes, failures] = [0, 0];
  const work = async (name: string): Promise<void> => {
    for (let turn = 0; performance.now() < end; turn++) {
      if ((await patchMap(cluster, agent, name, turn)).status === 200) writes += 1;
      else failures += 1;
    }
  };
  await Promise.all(lanes.map(work));
  agent.destroy();
  return { writes, failures, seconds: (performance.now() - started) / 1_000 };
}

export interface WatchResult {
  readonly watchers: number;
  readonly events: number;
  /** Watchers that did not see every event once and in order. */
  readonly wrong: number;
  readonly seconds: number;
}

/** Opens many watches of ConfigMaps, writes, and waits until every watcher has seen every write. */
export async function watchMaps(cluster: ClusterAccess, watchers: number, events: number): Promise<WatchResult> {
  const agent = agentOf(cluster, Number.POSITIVE_INFINITY);
  const name = `watched-${process.pid}`;
  await createMap(cluster, agent, name);
  const open = Array.from({ length: watchers }, () => openWatch(cluster, agent, name, events));
  await Promise.all(open.map(({ ready }) => ready));
  const started = performance.now();
  for (let turn = 0; turn < events; turn++) await patchMap(cluster, agent, name, turn);
  const seen = await Promise.all(open.map(({ seen }) => seen));
  const seconds = (performance.now() - started) / 1_000;
  agent.destroy();
  const wanted = Array.from({ length: events }, (_, turn) => String(turn)).join();
  return { watchers, events, wrong: seen.filter((turns) => turns.join() !== wanted).length, seconds };
}

function openWatch(
  cluster: ClusterAccess,
  agent: Agent,
  name: string,
  events: number,
): { readonly ready: Promise<void>; readonly seen: Promise<readonly string[]> } {
  let isReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const path = `/api/v1/namespaces/default/configmaps?watch=1&fieldSelector=metadata.name%3D${name}`;
  const seen = new Promise<readonly string[]>((resolve, reject) => {
    const turns: string[] = [];
    const sent = request({ ...optionsOf(cluster, agent), path, method: "GET" }, (reply) => {
      let rest = "";
      reply.setEncoding("utf8");
      reply.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const turn = /"turn":"(\d+)"/.exec(line)?.[1];
          if (turn === undefined) isReady();
          else turns.push(turn);
        }
        if (turns.length >= events) resolve(turns);
      });
      reply.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
  return { ready, seen };
}

function createMap(cluster: ClusterAccess, agent: Agent, name: string): Promise<Reply> {
  const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { text: "x".repeat(200) } });
  return send(cluster, agent, { path: "/api/v1/namespaces/default/configmaps", method: "POST" }, body, "application/json");
}

function patchMap(cluster: ClusterAccess, agent: Agent, name: string, turn: number): Promise<Reply> {
  const options = { path: `/api/v1/namespaces/default/configmaps/${name}`, method: "PATCH" };
  return send(cluster, agent, options, JSON.stringify({ data: { turn: String(turn) } }), "application/merge-patch+json");
}

function agentOf({ ca, cert, key }: ClusterAccess, maxSockets: number): Agent {
  return new Agent({ keepAlive: true, maxSockets, ca, cert, key });
}

function optionsOf({ url }: ClusterAccess, agent: Agent): RequestOptions {
  const { hostname, port } = new URL(url);
  return { hostname, port, agent, headers: HEADERS };
}

const HEADERS = { accept: "application/json", "user-agent": "slash28-bench/1" };

function send(cluster: ClusterAccess, agent: Agent, target: RequestOptions, body = "", type = ""): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const described = type === "" ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) };
    const sent = request({ ...optionsOf(cluster, agent), ...target, headers: { ...HEADERS, ...described } }, (reply) => {
      let bytes = 0;
      reply.on("data", (chunk: Buffer) => (bytes += chunk.length));
      reply.on("error", reject);
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, bytes }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
