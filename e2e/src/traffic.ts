import type { LabUnderTest } from "./lab-under-test.ts";

/** What a talking pod has to say: its requests so far, and how many connections they took. */
export interface Talk {
  readonly ok: number;
  readonly failed: number;
  readonly connections: number;
  readonly peers: number;
  readonly why: readonly string[];
}

/** Runs in a pod: asks every peer again and again over one kept connection each, and tells how it goes twice a second. */
const TALKER = `
const http = require("node:http");
const peers = process.argv.slice(1);
const talk = { ok: 0, failed: 0, connections: 0, peers: peers.length, why: [] };
for (const peer of peers) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const failed = (cause) => { talk.failed++; talk.why.push(peer + ": " + cause.message); setTimeout(ask, 100); };
  const ask = () => {
    const request = http.get({ host: peer, agent, timeout: 15000 }, (reply) => {
      reply.resume();
      reply.on("end", () => { talk.ok++; setTimeout(ask, 20); });
      reply.on("error", failed);
    });
    request.on("timeout", () => request.destroy(new Error("no answer in 15 s")));
    request.on("socket", (socket) => { if (!socket.isCounted) { socket.isCounted = true; talk.connections++; } });
    request.on("error", failed);
  };
  ask();
}
setInterval(() => console.log(JSON.stringify({ ...talk, why: talk.why.slice(0, 5) })), 500);
`;

/** A pod that talks to other pods all the time. */
export function talker(name: string, nodeSelector: Readonly<Record<string, string>>, peers: readonly string[]): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      nodeSelector,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "talk", image: "node", command: [process.execPath, "-e", TALKER, ...peers] }],
    },
  };
}

/** What a talker says now. */
export async function talkOf(lab: LabUnderTest, name: string): Promise<Talk> {
  const line = (await lab.kubectl(["logs", name, "--tail=1"])).trim();
  if (line === "") throw new Error(`${name} has not said anything yet`);
  return JSON.parse(line) as Talk;
}
