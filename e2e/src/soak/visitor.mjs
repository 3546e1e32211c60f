// Runs in a pod: asks web pods for their page all the time, over one kept connection and over a new one per request, and tells every failure.
//
// In: lines `+ <key> <host> <name> <pauseMs>` (visit; the page must name the pod <name>, `*` for any) and `- <key>` (leave).
// Out: lines of JSON: `{"failed": key, "why"}`, `{"answered": key, "page"}` for a page of somebody else, `{"connections", "requests"}` twice a second.
import http from "node:http";
import { createInterface } from "node:readline";

const NO_ANSWER_MS = 15_000;
const FIRST_ANSWER_MS = 15_000;
const visits = new Map();
const counts = { connections: 0, requests: 0 };
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

function visit(key, host, name, pauseMs) {
  const kept = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const isLeft = () => visits.get(key) !== kept;
  visits.set(key, kept);
  for (const agent of [kept, false])
    ask({ key, host, name, pauseMs, agent, isLeft, since: Date.now(), sockets: new Set(), isKnown: false });
}

function ask(way) {
  if (way.isLeft()) return;
  let isOver = false;
  const next = () => {
    if (isOver) return;
    isOver = true;
    setTimeout(ask, way.pauseMs, way);
  };
  const failed = (cause) => {
    if (isOver || way.isLeft()) return;
    // A web server that has just been started may not listen yet; whoever answered once must go on.
    const isEarly = !way.isKnown && cause.code === "ECONNREFUSED" && Date.now() - way.since < FIRST_ANSWER_MS;
    if (!isEarly) tell({ failed: way.key, why: `${way.agent === false ? "new" : "kept"} connection to ${way.host}: ${cause.message}` });
    way.sockets.clear();
    next();
  };
  const request = http.get({ host: way.host, agent: way.agent, timeout: NO_ANSWER_MS }, (reply) => {
    let page = "";
    reply.setEncoding("utf8");
    reply.on("data", (part) => (page += part));
    reply.on("error", failed);
    reply.on("end", () => {
      counts.requests++;
      way.isKnown = true;
      if (way.name !== "*" && !page.includes(`pod ${way.name},`) && !way.isLeft()) tell({ answered: way.key, page: page.slice(0, 400) });
      next();
    });
  });
  request.on("timeout", () => request.destroy(new Error(`no answer in ${NO_ANSWER_MS / 1_000} s`)));
  request.on("socket", (socket) => countSocket(way, socket));
  request.on("error", failed);
}

function countSocket(way, socket) {
  if (way.sockets.has(socket)) return;
  counts.connections++;
  if (way.agent === false) return;
  // The web servers never close a kept connection: a second one means that the first one broke.
  if (way.isKnown && way.sockets.size > 0) tell({ failed: way.key, why: `kept connection to ${way.host}: had to be made anew` });
  way.sockets.add(socket);
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [sign, key = "", host = "", name = "*", pauseMs = "100"] = line.split(" ");
    if (sign === "+") visit(key, host, name, Number(pauseMs));
    visits.get(sign === "-" ? key : "")?.destroy();
    if (sign === "-") visits.delete(key);
  })
  .on("close", () => process.exit(0));
setInterval(() => tell(counts), 500);
