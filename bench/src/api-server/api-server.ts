import type { Bench } from "../bench.ts";
import type { Figure } from "../figures/figure.ts";
import { percentile } from "../figures/percentiles.ts";
import { residentMb } from "../memory.ts";
import type { ListResult, WatchResult, WriteResult } from "./clients.ts";
import { messageFrom, startRole, type ClusterAccess } from "./roles.ts";

const PODS = 10_000;
const ROUNDS = 9;
const CONNECTIONS = 32;
const SECONDS = 5;
const WATCHERS = 500;
const EVENTS = 100;
const LOOK_EVERY_MS = 50;

/** The lab's API server with a large cluster in it. Server and clients are processes of their own; everything goes over TLS. */
export const apiServer: Bench = {
  name: "api",
  about: "the lab's Kubernetes API server: 10,000 pods listed, writes per second, 500 watchers",
  needs: "nothing",
  async run({ say, undo, program }) {
    say(`filling an API server with ${PODS} pods`);
    const server = startRole(program, { kind: "server", pods: PODS });
    undo.add("the API server", async () => void server.kill());
    const cluster = await messageFrom<ClusterAccess>(server);
    const memory = watchMemory(server.pid ?? 0);
    undo.add("the look at its memory", async () => memory.stop());
    say("listing them");
    const listed = await messageFrom<ListResult>(startRole(program, { kind: "lister", cluster, rounds: ROUNDS }));
    const servingMb = memory.peakMb();
    say("writing");
    const wrote = await messageFrom<WriteResult>(
      startRole(program, { kind: "writer", cluster, connections: CONNECTIONS, seconds: SECONDS }),
    );
    if (wrote.failures > 0) throw new Error(`${wrote.failures} of ${wrote.writes} writes failed`);
    say("watching");
    const watched = await messageFrom<WatchResult>(startRole(program, { kind: "watcher", cluster, watchers: WATCHERS, events: EVENTS }));
    if (watched.wrong > 0) throw new Error(`${watched.wrong} of ${watched.watchers} watchers missed an event`);
    return figuresOf(listed, wrote, watched, servingMb, memory.peakMb());
  },
};

function figuresOf(listed: ListResult, wrote: WriteResult, watched: WatchResult, servingMb: number, peakMb: number): readonly Figure[] {
  const size = `${(listed.bytes / 1e6).toFixed(1)} MB of JSON over TLS, to the last byte`;
  return [
    { name: "list 10,000 pods, p50", value: percentile(listed.tookMs, 0.5), unit: "ms", aim: { most: 300 }, note: size },
    { name: "list 10,000 pods, slowest", value: Math.max(...listed.tookMs), unit: "ms" },
    {
      name: "resident memory while listing",
      value: servingMb,
      unit: "MB",
      aim: { most: 250 },
      note: "the server's process, highest of VmRSS every 50 ms; started with the supervisor's heap flags",
    },
    { name: "resident memory, highest", value: peakMb, unit: "MB", note: "with the writes and watches below" },
    {
      name: "writes",
      value: wrote.writes / wrote.seconds,
      unit: "/s",
      aim: { least: 2_000 },
      note: `merge patches over ${CONNECTIONS} connections, each answered`,
    },
    {
      name: "events to 500 watchers",
      value: (watched.watchers * watched.events) / watched.seconds,
      unit: "/s",
      note: `${watched.events} writes, every one seen by every watcher, in order`,
    },
  ];
}

function watchMemory(pid: number): { readonly peakMb: () => number; readonly stop: () => void } {
  let peak = residentMb(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMb(pid));
  }, LOOK_EVERY_MS);
  return { peakMb: () => peak, stop: () => clearInterval(timer) };
}
